import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { L10nContext, useL10n } from "@/i18n/L10nContext.tsx";
import { withSettings, type L10n } from "@/i18n/l10n.ts";
import { PageSpinner } from "./PageSpinner.tsx";

/** Around the pages of settings and privacy: their words, which no other page loads. */
export function SettingsArea() {
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
  if (extended?.language !== l10n.language) return <PageSpinner />;
  return (
    <L10nContext value={extended}>
      <Outlet />
    </L10nContext>
  );
}
