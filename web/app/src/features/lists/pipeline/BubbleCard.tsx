import { HealthBadge } from "@/components/HealthBadge.tsx";
import { TrendBadge } from "@/components/TrendBadge.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./BubbleCard.module.css";
import { CHART, type Bubble } from "./scale.ts";

/** Details of the bubble under the pointer or the focus, beside it. */
export function BubbleCard({ bubble: { point, x, y } }: { bubble: Bubble }) {
  const { t } = useL10n();
  const { money, date } = useFormats();
  const isRight = x > CHART.width / 2;
  const place = {
    top: `${(y / CHART.height) * 100}%`,
    [isRight ? "right" : "left"]: `${((isRight ? CHART.width - x : x) / CHART.width) * 100 + 5}%`,
  };
  return (
    <div aria-hidden className={styles.card} style={place}>
      <strong>{point.name}</strong>
      <span>{point.account ?? NOTHING}</span>
      <HealthBadge state={point.health_state} score={point.health_score} />
      <TrendBadge trend={point.health_trend} />
      <span>{t("pipeline-close", { days: point.days_until_close, date: date(point.estimated_close) })}</span>
      <span>{money(point.estimated_revenue, point.currency)}</span>
    </div>
  );
}
