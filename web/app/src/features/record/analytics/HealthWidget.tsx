import type { Health, Occurrence } from "@/api/insights.ts";
import { asHealthState, type HealthState } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { KindIcon } from "@/components/KindIcon.tsx";
import { HEALTH_LABELS } from "@/components/labels.ts";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { Widget } from "@/components/Widget.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./HealthWidget.module.css";
import type { WidgetProps } from "./props.ts";

/** What each state without a score means, and what changes it. */
const EXPLANATIONS: Partial<Record<HealthState, MessageId>> = {
  error: "health-explain-error",
  computing: "health-explain-computing",
  not_applicable: "health-explain-not-applicable",
  older_than_two_years: "health-explain-older",
  no_closed_activities: "health-explain-none-completed",
  not_enough_info: "health-explain-not-enough",
};

/** From this likelihood on a relationship is likely to last. */
const LIKELY = 0.5;

interface Props extends WidgetProps {
  hasOccurrences: boolean;
}

/** Grade, score, trend, likelihood, and what comes next. */
export function HealthWidget({ insights, asOf, hasOccurrences }: Props) {
  const { t } = useL10n();
  return (
    <Widget
      name="health"
      title={t("widget-health")}
      subtitle={insights?.health.rollup ? t("health-rollup") : undefined}
      info={{ what: t("widget-health-what"), how: t("widget-health-how"), data: t("widget-health-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      {insights ? (
        <>
          <Grade health={insights.health} />
          {hasOccurrences ? (
            <dl className={styles.occurrences}>
              <When label={t("health-next")} occurrence={insights.kpis.next_interaction} absent={t("health-not-scheduled")} />
              <When label={t("health-last")} occurrence={insights.kpis.last_interaction} absent={NOTHING} />
            </dl>
          ) : null}
        </>
      ) : null}
    </Widget>
  );
}

function Grade({ health }: { health: Health }) {
  const { t } = useL10n();
  const { number, percent } = useFormats();
  const state = asHealthState(health.state);
  const explanation = EXPLANATIONS[state];
  return (
    <>
      <p className={styles.grade}>
        <span className={styles.word} data-state={state}>
          {t(HEALTH_LABELS[state])}
        </span>
        {health.score == null ? null : (
          <Figure path="health.score" value={health.score} className={styles.score}>
            {t("health-of-100", { score: number(health.score) })}
          </Figure>
        )}
        {health.score == null ? null : (
          <span className={styles.trend}>{health.new_relationship ? t("health-new") : <TrendBadge trend={health.trend} />}</span>
        )}
      </p>
      {explanation ? <p className={styles.text}>{t(explanation)}</p> : null}
      {health.last_score == null ? null : (
        <p className={styles.text}>{t("health-last-score", { score: number(health.last_score) })}</p>
      )}
      {health.likelihood_30d == null ? null : (
        <p className={styles.text}>
          <Figure path="health.likelihood_30d" value={health.likelihood_30d}>
            {t(health.likelihood_30d >= LIKELY ? "health-likely" : "health-at-risk", { share: percent(health.likelihood_30d) })}
          </Figure>
        </p>
      )}
      {health.silence_surprise == null ? null : (
        <p className={styles.text}>{t("health-silence", { share: percent(health.silence_surprise) })}</p>
      )}
    </>
  );
}

function When({ label, occurrence, absent }: { label: string; occurrence: Occurrence | null | undefined; absent: string }) {
  const { dateTime } = useFormats();
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {occurrence ? (
          <>
            <KindIcon kind={occurrence.kind} /> {dateTime(occurrence.at)}
            {occurrence.subject ? <span className={styles.subject}>{occurrence.subject}</span> : null}
          </>
        ) : (
          absent
        )}
      </dd>
    </div>
  );
}
