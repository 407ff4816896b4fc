import { Fragment } from "react";
import type { Health } from "@/api/insights.ts";
import { asHealthState } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { HEALTH_LABELS } from "@/components/labels.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./WhyScoreWidget.module.css";

type Translate = ReturnType<typeof useL10n>["t"];
type Write = ReturnType<typeof useFormats>["number"];

/** The formula with this record's numbers, and what a meeting would make of it. */
export function Formula({ health, isPast }: { health: Health; isPast: boolean }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const { memory, expectation, engagement, mutual, freshness, settings, score, score_if_met_today: ifMet } = health;
  const shared = [
    [t("why-memory"), "memory", memory, t("why-memory-text")],
    [t("why-expectation"), "expectation", expectation, t("why-expectation-text", { days: settings.frequency_days })],
  ] as const;
  const parts =
    health.model === "v1"
      ? ([[t("why-engagement"), "engagement", engagement, t("why-engagement-text")]] as const)
      : ([
          [t("why-mutual"), "mutual", mutual, t("why-mutual-text")],
          [t("why-freshness"), "freshness", freshness, t("why-freshness-text", { days: 3 * settings.frequency_days })],
        ] as const);
  return (
    <>
      <h4 className={styles.heading}>{t("why-formula")}</h4>
      <dl className={styles.terms}>
        {[...shared, ...parts].map(([label, path, value, text]) => (
          <div key={path}>
            <dt>{label}</dt>
            <dd>
              <Figure path={`health.${path}`} value={value} className={styles.term}>
                {value == null ? "–" : number(value, 3)}
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
          {linesOf(health, t, number).map((line) => (
            <Fragment key={line}>
              {line}
              <br />
            </Fragment>
          ))}
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

/** The formula in words and with numbers; in touch exactly as often as expected, both ways, gives 65 in both models. */
function linesOf({ model, memory, expectation, engagement, mutual, freshness }: Health, t: Translate, number: Write) {
  const [m, x] = [number(memory, 3), number(expectation, 3)];
  if (model === "v1") {
    const formula = (e: string, m: string, x: string) => `100 × (1 − 2^(−${number(1.5, 1)} × ${e} × ${m} / ${x}))`;
    const words = formula(t("why-term-engagement"), t("why-term-memory"), t("why-term-expectation"));
    return [words, `= ${formula(number(engagement, 3), m, x)}`];
  }
  const words = [t("why-term-memory"), t("why-term-mutual"), t("why-term-freshness")].join(" × ");
  const numbers = [m, number(mutual ?? 0, 3), number(freshness ?? 0, 3)].join(" × ");
  const u = (memory * (mutual ?? 0) * (freshness ?? 0)) / expectation;
  return [`u = ${words} / ${t("why-term-expectation")}`, `u = ${numbers} / ${x} = ${number(u, 3)}`, "100 × √u / (√u + 7/13)"];
}

function gradeOf(score: number, { grade_good, grade_fair }: Health["settings"]) {
  if (score >= grade_good) return "good";
  return score >= grade_fair ? "fair" : "poor";
}
