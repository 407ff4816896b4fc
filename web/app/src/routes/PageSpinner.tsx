import { Spinner } from "@fluentui/react-components";
import { useL10n } from "@/i18n/L10nContext.tsx";

export function PageSpinner() {
  const { t } = useL10n();
  return <Spinner label={t("state-loading")} style={{ padding: 48 }} />;
}
