import type { EvaluationReport, ReliabilityBin } from "@/api/evaluation.ts";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { IntervalBars } from "@/components/charts/IntervalBars.tsx";
import { ReliabilityPlot } from "@/components/charts/ReliabilityPlot.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import { GRADE_COLORS, knownGrades, type Of } from "./grades.ts";
import styles from "./Evaluation.module.css";
import { Section } from "./Section.tsx";

const BOTH: Of[] = ["records", "pairs"];

/** Whether the likelihood comes true, and what became of each grade. */
export function Plots({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  return (
    <Section id="plots" title={t("evaluation-plots")}>
      <p className={settings.note}>{t("evaluation-reliability")}</p>
      <div className={styles.plots}>
        {BOTH.map((of) => (
          <SurvivalPlot key={of} of={of} report={report} />
        ))}
      </div>
      <p className={settings.note}>{t("evaluation-grades-text")}</p>
      <div className={styles.plots}>
        {BOTH.map((of) => (
          <GradeBars key={of} of={of} report={report} />
        ))}
      </div>
    </Section>
  );
}

/** Days that the likelihood looks ahead: at another horizon it is no probability of what is asked. */
const LIKELIHOOD_DAYS = 30;

function SurvivalPlot({ of, report }: { of: Of; report: EvaluationReport }) {
  const { t } = useL10n();
  const { reliability, reason } = report[of];
  const title = t("evaluation-of", { of });
  const why = reason ?? (report.horizon_days === LIKELIHOOD_DAYS ? "too_few_cases" : "other_horizon");
  return (
    <div>
      <h3>{title}</h3>
      {reliability.length > 0 ? (
        <Reliability caption={title} bins={reliability} />
      ) : (
        <p>{t("evaluation-reason", { reason: why })}</p>
      )}
    </div>
  );
}

/** A reliability plot with the words of this page. */
export function Reliability({ caption, bins }: { caption: string; bins: ReliabilityBin[] }) {
  const { t } = useL10n();
  const words = {
    range: t("evaluation-range"),
    cases: t("evaluation-cases"),
    predicted: t("evaluation-predicted"),
    observed: t("evaluation-observed"),
  };
  return <ReliabilityPlot caption={caption} bins={bins} words={words} />;
}

function GradeBars({ of, report }: { of: Of; report: EvaluationReport }) {
  const { t } = useL10n();
  const { number, percent } = useFormats();
  const grades = knownGrades(report, of);
  const title = t("evaluation-of-grades", { of, days: number(report.horizon_days) });
  const heads = [
    t("evaluation-column-grade"),
    t("evaluation-cases"),
    t("evaluation-in-touch"),
    t("evaluation-share"),
    t("evaluation-interval"),
    t("evaluation-answered"),
  ];
  const rows = grades.map(({ grade, cases, in_touch, share, reply_rate, asked }) => [
    t("evaluation-grade", { grade }),
    number(cases),
    number(in_touch),
    percent(share.value),
    `${percent(share.low)} – ${percent(share.high)}`,
    reply_rate == null ? NOTHING : t("evaluation-answered-of", { share: percent(reply_rate), asked: number(asked) }),
  ]);
  const bars = grades.map(({ grade, share }) => ({
    ...share,
    label: t("evaluation-grade", { grade }),
    text: percent(share.value),
    color: GRADE_COLORS[grade],
  }));
  return (
    <div>
      <h3>{title}</h3>
      {grades.length > 0 ? (
        <ChartTable caption={title} head={heads} rows={rows}>
          <IntervalBars bars={bars} />
        </ChartTable>
      ) : (
        <p>{t("evaluation-reason", { reason: report[of].reason ?? "too_few_cases" })}</p>
      )}
    </div>
  );
}
