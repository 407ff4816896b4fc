import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/api/people.ts";
import { importsQuery, settingsQuery, type Import } from "@/api/settings.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { SETTING_GROUPS } from "./settingTexts.ts";
import { SettingRow } from "./SettingRow.tsx";
import styles from "./Settings.module.css";

/** Which data the figures rest on, what is set, and what was imported. */
export function DataPage() {
  const { t } = useL10n();
  const me = useQuery(meQuery(null));
  const settings = useQuery(settingsQuery());
  const imports = useQuery(importsQuery());
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
      <section aria-labelledby="imports" className={styles.panel}>
        <h2 id="imports">{t("imports-title")}</h2>
        {imports.data?.items.length === 0 ? <StateBox isSmall title={t("imports-none")} text={t("imports-none-text")} /> : null}
        {imports.data && imports.data.items.length > 0 ? <Imports items={imports.data.items} /> : null}
        <p className={styles.note}>{t("imports-how")}</p>
      </section>
    </div>
  );
}

const STATES: Record<string, MessageId> = {
  queued: "import-queued",
  running: "import-running",
  completed: "import-completed",
  failed: "import-failed",
};

function Imports({ items }: { items: Import[] }) {
  const { t } = useL10n();
  const { dateTime, number } = useFormats();
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="imports">
      <table className={styles.table}>
        <thead>
          <tr>
            {(
              [
                "import-what",
                "import-state",
                "import-at",
                "import-read",
                "import-kept",
                "import-duplicates",
                "import-excluded",
              ] as const
            ).map((label) => (
              <th key={label} scope="col">
                {t(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">{item.kind}</th>
              <td>{item.problem ? item.problem.detail : t(STATES[item.state] ?? "import-running")}</td>
              <td>{dateTime(item.started_at)}</td>
              <td>{number(item.report?.read ?? item.progress?.read)}</td>
              <td>{number(item.report?.kept)}</td>
              <td>{number(item.report?.duplicates)}</td>
              <td>{item.report ? number(Object.values(item.report.excluded).reduce((sum, count) => sum + count, 0)) : "---"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
