import type { Health } from "@/api/insights.ts";
import { asHealthState, type HealthState } from "@/api/words.ts";
import { Figure } from "@/components/Figure.tsx";
import { HealthBadge } from "@/components/HealthBadge.tsx";
import { HEALTH_LABELS } from "@/components/labels.ts";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { MessageId } from "@/i18n/message-ids";
import styles from "./HealthWidget.module.css";
import { Occurrences } from "./Occurrences.tsx";
import { Outlook } from "./Outlook.tsx";
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
          <Outlook health={insights.health} />
          {hasOccurrences ? <Occurrences insights={insights} /> : null}
        </>
      ) : null}
    </Widget>
  );
}

function Grade({ health }: { health: Health }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const state = asHealthState(health.state);
  const explanation = EXPLANATIONS[state];
  return (
    <>
      <p className={styles.grade}>
        <Figure path="health.state" value={health.state}>
          <span className={styles.word} data-state={state}>
            {t(HEALTH_LABELS[state])}
          </span>
        </Figure>
        {health.score == null ? null : (
          <>
            <Figure path="health.score" value={health.score} className={styles.score}>
              {t("health-of-100", { score: number(health.score) })}
            </Figure>
            <Figure path="health.trend" value={health.trend}>
              <span className={styles.trend} data-trend={health.trend}>
                {health.new_relationship ? t("health-new") : <TrendBadge trend={health.trend} />}
              </span>
            </Figure>
          </>
        )}
      </p>
      {explanation ? <p className={styles.text}>{t(explanation)}</p> : null}
      {health.last_score == null || health.last_state == null ? null : (
        <p className={styles.text}>
          {`${t("health-last-score")} `}
          <Figure path="health.last_score" value={health.last_score}>
            <HealthBadge state={health.last_state} score={health.last_score} />
          </Figure>
        </p>
      )}
    </>
  );
}
