import { Button } from "@fluentui/react-components";
import { AppsListRegular, ShareAndroidRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useL10n } from "@/i18n/L10nContext.tsx";

export type Mode = "graph" | "list";

const KEY = "rapport-who-knows-mode";

/** Graph or list, as somebody chose last in this browser. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState<Mode>(() => (localStorage.getItem(KEY) === "list" ? "list" : "graph"));
  return [
    mode,
    (chosen) => {
      localStorage.setItem(KEY, chosen);
      setMode(chosen);
    },
  ];
}

export function ModeSwitch({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }) {
  const { t } = useL10n();
  const isGraph = mode === "graph";
  return (
    <Button
      appearance="subtle"
      size="small"
      icon={isGraph ? <AppsListRegular /> : <ShareAndroidRegular />}
      aria-label={t(isGraph ? "who-knows-as-list" : "who-knows-as-graph")}
      onClick={() => onMode(isGraph ? "list" : "graph")}
    />
  );
}
