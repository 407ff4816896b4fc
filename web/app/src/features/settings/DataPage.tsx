import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { DataInUse } from "./DataInUse.tsx";
import { Loading } from "./Loading.tsx";
import { SETTING_GROUPS } from "./settingTexts.ts";
import { SettingRow } from "./SettingRow.tsx";
import styles from "./Settings.module.css";
import { useMay } from "./useMay.ts";
import { WhoMay } from "./WhoMay.tsx";

/** Which data the figures rest on, and what is set. */
export function DataPage() {
  const { t } = useL10n();
  const settings = useQuery(settingsQuery());
  const isWaiting = useMay()() === null;
  if (settings.error) return <ProblemState problem={settings.error} retry={() => void settings.refetch()} />;
  const known = settings.data?.items ?? [];
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-data")}</h1>
      <section aria-labelledby="data-source" className={styles.panel}>
        <h2 id="data-source">{t("data-source")}</h2>
        <DataInUse />
      </section>
      {settings.data && !isWaiting ? <WhoMay what="configure" /> : <Loading />}
      {(isWaiting ? [] : SETTING_GROUPS).map((group) => (
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
