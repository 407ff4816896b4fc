import { Spinner } from "@fluentui/react-components";
import { useL10n } from "@/i18n/L10nContext.tsx";

/** In place of what a page does not know yet. */
export function Loading() {
  const { t } = useL10n();
  return <Spinner aria-busy label={t("state-loading")} />;
}
