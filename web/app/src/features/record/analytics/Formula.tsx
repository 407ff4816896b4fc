import type { Health } from "@/api/insights.ts";
import { asHealthState } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { HEALTH_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./WhyScoreWidget.module.css";

/** The model's factor (v1): in touch exactly as often as expected, both ways, gives 65. */
const FACTOR = 1.5;

/** The formula with this record's numbers, and what a meeting would make of it. */
export function Formula({ health, isPast }: { health: Health; isPast: boolean }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const { memory, expectation, engagement, settings, score, score_if_met_today: ifMet } = health;
  const terms = [
    [t("why-memory"), "memory", memory, t("why-memory-text")],
    [t("why-expectation"), "expectation", expectation, t("why-expectation-text", { days: settings.frequency_days })],
    [t("why-engagement"), "engagement", engagement, t("why-engagement-text")],
  ] as const;
  const formula = (e: string, m: string, x: string) => `100 × (1 − 2^(−${number(FACTOR, 1)} × ${e} × ${m} / ${x}))`;
  return (
    <>
      <h4 className={styles.heading}>{t("why-formula")}</h4>
      <dl className={styles.terms}>
        {terms.map(([label, path, value, text]) => (
          <div key={path}>
            <dt>{label}</dt>
            <dd>
              <Figure path={`health.${path}`} value={value} className={styles.term}>
                {number(value, 3)}
              </Figure>
              <span className={styles.termText}>{text}</span>
            </dd>
          </div>
        ))}
      </dl>
      {score == null ? (
        <p className={styles.text}>{t("why-no-score", { state: t(HEALTH_LABELS[asHealthState(health.state)]) })}</p>
      ) : (
        <p className={styles.formula}>
          {formula(t("why-term-engagement"), t("why-term-memory"), t("why-term-expectation"))}
          <br />
          {`= ${formula(number(engagement, 3), number(memory, 3), number(expectation, 3))}`}
          <br />
          {`= ${number(score)}`}
        </p>
      )}
      {ifMet == null ? null : (
        <p className={styles.change}>
          <Figure path="health.score_if_met_today" value={ifMet}>
            {t(isPast ? "why-if-met-then" : "why-if-met", {
              score: number(ifMet),
              grade: t(HEALTH_LABELS[gradeOf(ifMet, settings)]),
            })}
          </Figure>
        </p>
      )}
    </>
  );
}

function gradeOf(score: number, { grade_good, grade_fair }: Health["settings"]) {
  if (score >= grade_good) return "good";
  return score >= grade_fair ? "fair" : "poor";
}
