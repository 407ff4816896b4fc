import type { EvaluationReport } from "@/api/evaluation.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { knownGrades, type KnownGrade, type Of } from "./grades.ts";
import styles from "./Evaluation.module.css";
import { Section } from "./Section.tsx";

const SENTENCES = { records: "evaluation-words-records", pairs: "evaluation-words-pairs" } as const;
/** What an AUC is of a measure that knows nothing. */
const CHANCE = 0.5;

/** What the evaluation found, in sentences with their counts. */
export function PlainWords({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  const sentences = useSentences(report);
  return (
    <Section id="words" title={t("evaluation-words")}>
      {sentences.length > 0 ? (
        <ul className={styles.words}>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : (
        <p>{t("evaluation-words-none")}</p>
      )}
    </Section>
  );
}

function useSentences(report: EvaluationReport): string[] {
  const { t } = useL10n();
  const { number, percent } = useFormats();
  const countsOf = ({ grade, share, in_touch, cases }: KnownGrade) => ({
    grade: t("evaluation-grade", { grade }),
    share: percent(share.value),
    in_touch: number(in_touch),
    cases: number(cases),
  });
  const grades = (of: Of) => {
    const [first, ...others] = knownGrades(report, of).toReversed();
    if (!first) return null;
    const rest = others.map((grade) => t("evaluation-words-rest", countsOf(grade))).join("");
    return t(SENTENCES[of], { ...countsOf(first), days: number(report.horizon_days), rest });
  };
  const rankedFirst = () => {
    const hit = report.who_knows_whom.measures.find(({ name }) => name === "strength")?.hit_1;
    return hit ? t("evaluation-words-first", { share: percent(hit.value), people: number(report.who_knows_whom.people) }) : null;
  };
  const likelihood = () => {
    // Records are what the likelihood is shown on; pairs stand in where there are too few of them.
    for (const survival of [report.records, report.pairs]) {
      const aucOf = (wanted: string) => survival.measures.find(({ name }) => name === wanted)?.roc_auc;
      const [ours, days] = [aucOf("likelihood_30d"), aucOf("days_since_last")];
      if (!ours) continue;
      const said = { auc: number(ours.value, 2), chance: number(CHANCE, 1), cases: number(survival.cases) };
      return days
        ? t("evaluation-words-auc-days", { ...said, baseline: number(days.value, 2) })
        : t("evaluation-words-auc", said);
    }
    return null;
  };
  const sentences = [grades("records"), grades("pairs"), rankedFirst(), likelihood()];
  return sentences.filter((sentence) => sentence !== null);
}
