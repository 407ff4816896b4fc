import { Button } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useCopy } from "@/components/useCopy.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";

/** Copies a text that belongs somewhere else; says whether the browser let it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useL10n();
  const { state, copy, forget } = useCopy();
  return (
    <>
      <Button
        size="small"
        appearance="subtle"
        icon={state === "copied" ? <CheckmarkRegular /> : <CopyRegular />}
        aria-label={label}
        title={label}
        onClick={() => void copy(text)}
        onBlur={forget}
      />
      <span role="status">{state === "copied" ? t("copy-done") : state === "failed" ? t("copy-failed") : ""}</span>
    </>
  );
}
