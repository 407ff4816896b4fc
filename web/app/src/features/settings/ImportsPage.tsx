import { useQuery } from "@tanstack/react-query";
import { importsQuery, type Import, type ImportReport } from "@/api/imports.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { exclusionText } from "./exclusions.ts";
import { importKindLabel } from "./importKinds.ts";
import { UploadForm } from "./UploadForm.tsx";
import styles from "./Settings.module.css";

const STATES: Record<string, MessageId> = {
  queued: "import-queued",
  running: "import-running",
  completed: "import-completed",
  failed: "import-failed",
};

/** Problems of one import that the page names; the API has up to a thousand. */
const PROBLEMS_SHOWN = 20;

const HEADS = [
  "import-what",
  "import-state",
  "import-at",
  "import-read",
  "import-kept",
  "import-duplicates",
  "import-excluded",
  "import-problems",
] as const;

/** Files that bring data in, and what became of each. */
export function ImportsPage() {
  const { t } = useL10n();
  const imports = useQuery(importsQuery());
  const items = imports.data?.items ?? [];
  if (imports.error && !imports.data) return <ProblemState problem={imports.error} retry={() => void imports.refetch()} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("page-imports")}</h1>
      <UploadForm />
      <section aria-labelledby="imports" className={styles.panel}>
        <h2 id="imports">{t("imports-title")}</h2>
        {imports.isSuccess && items.length === 0 ? (
          <StateBox isSmall title={t("imports-none")} text={t("imports-none-text")} />
        ) : null}
        {items.length > 0 ? (
          <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby="imports">
            <table className={styles.table}>
              <thead>
                <tr>
                  {HEADS.map((label) => (
                    <th key={label} scope="col">
                      {t(label)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <Row key={item.id} item={item} />
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
        <p className={styles.note}>{t("imports-how")}</p>
      </section>
    </div>
  );
}

function Row({ item }: { item: Import }) {
  const { t } = useL10n();
  const { dateTime, number, percent } = useFormats();
  const { report, progress, problem } = item;
  const label = importKindLabel(item.kind);
  const excluded = report ? Object.values(report.excluded).reduce((sum, count) => sum + count, 0) : null;
  return (
    <tr>
      <th scope="row">{label ? t(label) : item.kind}</th>
      <td>
        {problem ? `${problem.detail} ${problem.hint ?? ""}` : t(STATES[item.state] ?? "import-running")}
        {progress && progress.bytes_total > 0 ? ` (${percent(progress.bytes / progress.bytes_total)})` : ""}
      </td>
      <td>{dateTime(item.started_at)}</td>
      <td>{number(report?.read ?? progress?.read)}</td>
      <td>{number(report?.kept)}</td>
      <td>{number(report?.duplicates)}</td>
      <td>{report && excluded !== null && excluded > 0 ? <Reasons report={report} all={excluded} /> : number(excluded)}</td>
      <td>{report ? <Problems report={report} /> : null}</td>
    </tr>
  );
}

/** Why some was left out, the most frequent reason first. */
function Reasons({ report, all }: { report: ImportReport; all: number }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const reasons = Object.entries(report.excluded).toSorted(([, a], [, b]) => b - a);
  return (
    <details>
      <summary>{number(all)}</summary>
      <ul>
        {reasons.map(([reason, count]) => (
          <li key={reason}>{`${number(count)}: ${exclusionText(t, reason, "anybody")}`}</li>
        ))}
      </ul>
    </details>
  );
}

/** What went wrong where, and what else one should know. */
function Problems({ report }: { report: ImportReport }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const all = report.problems.length + report.problems_omitted;
  const shown = report.problems.slice(0, PROBLEMS_SHOWN);
  const notes = report.notes ?? [];
  if (all === 0 && notes.length === 0) return number(0);
  return (
    <details>
      <summary>{number(all)}</summary>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
        {shown.map((problem) => (
          <li key={`${problem.where}/${problem.what}`}>
            {problem.where}: {problem.what}
          </li>
        ))}
        {all > shown.length ? <li>{t("import-more-problems", { count: number(all - shown.length) })}</li> : null}
      </ul>
    </details>
  );
}
