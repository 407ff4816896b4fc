import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "@/api/settings.ts";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { SettingRow } from "./SettingRow.tsx";
import styles from "./Settings.module.css";

/** How long interactions are kept: the one setting that is the privacy administrator's. */
export function Retention() {
  const { t } = useL10n();
  const setting = useQuery(settingsQuery()).data?.items.find(({ key }) => key === "retention.months");
  if (!setting) return null;
  return (
    <section aria-labelledby="requests-retention" className={styles.panel}>
      <h2 id="requests-retention">{t("requests-retention")}</h2>
      <p className={styles.note}>{t("requests-retention-text")}</p>
      <SettingRow setting={setting} label={t("setting-retention")} />
    </section>
  );
}
