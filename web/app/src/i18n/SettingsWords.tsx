import { Spinner } from "@fluentui/react-components";
import { useEffect, useState, type ReactNode } from "react";
import { L10nContext, useL10n } from "./L10nContext.tsx";
import { withSettings, type L10n } from "./l10n.ts";

/** Around pages of settings and privacy: their words, which no other page loads. */
export function SettingsWords({ children }: { children: ReactNode }) {
  const l10n = useL10n();
  const [extended, setExtended] = useState<L10n | null>(null);
  useEffect(() => {
    let isWanted = true;
    void withSettings(l10n).then((loaded) => {
      if (isWanted) setExtended(loaded);
    });
    return () => {
      isWanted = false;
    };
  }, [l10n]);
  // Words of another language are no words of this one.
  if (extended?.language !== l10n.language) return <Spinner style={{ height: "100%" }} />;
  return <L10nContext value={extended}>{children}</L10nContext>;
}
