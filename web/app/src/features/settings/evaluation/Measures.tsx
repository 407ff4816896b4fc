import type { EvaluationReport } from "@/api/evaluation.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import { MeasureTable } from "./MeasureTable.tsx";
import { Section } from "./Section.tsx";

/** How well each measure tells who stays in touch, beside baselines. */
export function SurvivalMeasures({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  const { number } = useFormats();
  return (
    <Section id="survival" title={t("evaluation-survival")}>
      {(["pairs", "records"] as const).map((of) => {
        const { cases, in_touch, measures, reason } = report[of];
        const counts = { cases: number(cases), in_touch: number(in_touch), days: number(report.horizon_days) };
        return (
          <div key={of}>
            <h3>{t("evaluation-of", { of })}</h3>
            <p className={settings.note}>{t("evaluation-survival-text", counts)}</p>
            {reason == null ? null : <p>{t("evaluation-reason", { reason })}</p>}
            {measures.length > 0 ? (
              <MeasureTable
                path={of}
                label={t("evaluation-of", { of })}
                rows={measures}
                metrics={["roc_auc", "pr_auc", "brier", "calibration_error"]}
                lowIsBest={["brier", "calibration_error"]}
              />
            ) : null}
          </div>
        );
      })}
    </Section>
  );
}

/** How well each measure ranks the right introducer. */
export function RankingMeasures({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const { people, candidates, measures, reason } = report.who_knows_whom;
  return (
    <Section id="ranking" title={t("evaluation-ranking")}>
      <p className={settings.note}>{t("evaluation-ranking-text", { people: number(people), candidates: number(candidates) })}</p>
      {reason == null ? null : <p>{t("evaluation-reason", { reason })}</p>}
      {measures.length > 0 ? (
        <MeasureTable path="who_knows_whom" label={t("page-who-knows")} rows={measures} metrics={["mrr", "ndcg_5", "hit_1"]} />
      ) : null}
    </Section>
  );
}
