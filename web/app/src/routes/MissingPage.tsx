import { SearchInfoRegular } from "@fluentui/react-icons";
import { Link } from "@tanstack/react-router";
import { StateBox } from "@/components/StateBox.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";

export function MissingPage() {
  const { t } = useL10n();
  return (
    <StateBox
      icon={<SearchInfoRegular />}
      title={t("state-missing")}
      text={t("state-missing-text")}
      action={<Link to="/">{t("page-dashboard")}</Link>}
    />
  );
}
