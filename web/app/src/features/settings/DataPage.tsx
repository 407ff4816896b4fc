import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/people.ts";
import { settingsQuery } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { SETTING_GROUPS } from "./settingTexts.ts";
import { SettingRow } from "./SettingRow.tsx";
import styles from "./Settings.module.css";

/** Which data the figures rest on, and what is set. */
export function DataPage() {
  const { t } = useL10n();
  const me = useQuery(meQuery(null));
  const settings = useQuery(settingsQuery());
  if (settings.error) return <ProblemState problem={settings.error} retry={() => void settings.refetch()} />;
  const known = settings.data?.items ?? [];
  const hasMailboxes = me.data?.data === "crm_and_mailbox";
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-data")}</h1>
      <section aria-labelledby="data-source" className={styles.panel}>
        <h2 id="data-source">{t("data-source")}</h2>
        <p>{me.data ? t(hasMailboxes ? "data-both" : "data-crm") : ""}</p>
      </section>
      {SETTING_GROUPS.map((group) => (
        <section key={group.title} aria-labelledby={group.title} className={styles.panel}>
          <h2 id={group.title}>{t(group.title)}</h2>
          {group.keys.map(([key, label]) => {
            const setting = known.find((candidate) => candidate.key === key);
            return setting ? <SettingRow key={key} setting={setting} label={t(label)} /> : null;
          })}
        </section>
      ))}
    </div>
  );
}
