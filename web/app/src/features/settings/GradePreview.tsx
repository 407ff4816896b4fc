import type { HealthDistribution } from "@/api/settings.ts";
import { asTable } from "@/api/words.ts";
import { TABLE_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./GradePreview.module.css";
import { countGrades, type GradeCounts, type Grading } from "./grading.ts";

const GRADES: [keyof GradeCounts, MessageId][] = [
  ["good", "health-good"],
  ["fair", "health-fair"],
  ["poor", "health-poor"],
  ["none", "health-no-score"],
];

/** How many of the records that there are now would be of which grade. */
export function GradePreview({ distribution, grading }: { distribution: HealthDistribution; grading: Grading }) {
  const { t } = useL10n();
  const { number, percent, time } = useFormats();
  return (
    <table className={styles.preview} aria-live="polite">
      <caption>{t("health-preview", { time: time(distribution.as_of) })}</caption>
      <thead>
        <tr>
          <th scope="col">{t("health-preview-table")}</th>
          {GRADES.map(([grade, label]) => (
            <th key={grade} scope="col" data-grade={grade}>
              {t(label)}
            </th>
          ))}
          <td className={styles.barCell} />
        </tr>
      </thead>
      <tbody>
        {distribution.tables.map((table) => {
          const counts = countGrades(table, grading);
          const graded = counts.good + counts.fair + counts.poor;
          return (
            <tr key={table.table}>
              <th scope="row">{t(TABLE_LABELS[asTable(table.table) ?? "contacts"])}</th>
              {GRADES.map(([grade]) => (
                <td key={grade} data-figure={`${table.table}.${grade}`} data-value={counts[grade]}>
                  {number(counts[grade])}
                  {grade === "none" || graded === 0 ? null : (
                    <span className={styles.share}> {percent(counts[grade] / graded)}</span>
                  )}
                </td>
              ))}
              <td aria-hidden className={styles.barCell}>
                <span className={styles.bar}>
                  {GRADES.slice(0, 3).map(([grade]) => (
                    <span key={grade} data-grade={grade} style={{ flexGrow: counts[grade] }} />
                  ))}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
