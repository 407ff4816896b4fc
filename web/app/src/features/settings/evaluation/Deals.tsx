import { mergeClasses } from "@fluentui/react-components";
import type { DealOutcomes, EvaluationReport } from "@/api/evaluation.ts";
import { Figure } from "@/components/Figure.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import styles from "./Evaluation.module.css";
import { Section } from "./Section.tsx";

const GRADES = ["good", "fair", "poor", "none"] as const;

/** Whether the score told won opportunities from lost ones before they were closed. */
export function Deals({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  const title = t("evaluation-deals");
  const isTold = report.deals.some(({ reason }) => reason == null);
  return (
    <Section id="deals" title={title}>
      {isTold ? (
        <>
          <p className={settings.note}>{t("evaluation-deals-text")}</p>
          <div className={styles.scroll} tabIndex={0} role="group" aria-label={title}>
            <table aria-label={title} className={mergeClasses(settings.table, styles.table)}>
              <thead>
                <tr>
                  <th scope="col">{t("evaluation-deals-before")}</th>
                  <th scope="col">{t("evaluation-won")}</th>
                  <th scope="col">{t("evaluation-lost")}</th>
                  <th scope="col">{t("evaluation-metric", { name: "roc_auc" })}</th>
                  {GRADES.map((grade) => (
                    <th key={grade} scope="col">
                      {t("evaluation-grade", { grade })}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {report.deals.map((ahead) => (
                  <Row key={ahead.days_before} ahead={ahead} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      ) : (
        <p>{t("evaluation-reason", { reason: report.deals[0]?.reason ?? "too_few_closed_deals" })}</p>
      )}
    </Section>
  );
}

function Row({ ahead }: { ahead: DealOutcomes }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const { days_before, won, lost, roc_auc, reason } = ahead;
  const wonOf = (wanted: (typeof GRADES)[number]) => {
    const found = ahead.grades.find(({ grade }) => grade === wanted);
    const all = found ? found.won + found.lost : 0;
    return found && all > 0 ? t("evaluation-won-of", { won: number(found.won), all: number(all) }) : NOTHING;
  };
  return (
    <tr>
      <th scope="row">{t("evaluation-days", { days: number(days_before) })}</th>
      <td>{number(won)}</td>
      <td>{number(lost)}</td>
      {reason == null ? (
        <>
          <td>
            <Figure path={`deals.${days_before}.roc_auc`} value={roc_auc?.value}>
              {number(roc_auc?.value, 3)}
            </Figure>
            {roc_auc ? <span className={styles.interval}>{`${number(roc_auc.low, 3)} – ${number(roc_auc.high, 3)}`}</span> : null}
          </td>
          {GRADES.map((grade) => (
            <td key={grade}>{wonOf(grade)}</td>
          ))}
        </>
      ) : (
        <td colSpan={1 + GRADES.length}>{t("evaluation-reason", { reason })}</td>
      )}
    </tr>
  );
}
