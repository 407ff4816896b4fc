import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./Axes.module.css";
import { CHART, ticksOf, type scaleOf } from "./scale.ts";

const HEALTH_TICKS = [0, 20, 40, 60, 80, 100];

/** Grid, ticks and titles; bubbles say their values themselves, so readers of the screen are spared these. */
export function Axes({ scale }: { scale: ReturnType<typeof scaleOf> }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const [bottom, right] = [CHART.height - CHART.bottom, CHART.width - CHART.right];
  return (
    <g aria-hidden className={styles.axes}>
      {HEALTH_TICKS.map((health) => (
        <g key={health}>
          <line x1={CHART.left} x2={right} y1={scale.y(health)} y2={scale.y(health)} className={styles.line} />
          <text x={CHART.left - 8} y={scale.y(health) + 4} textAnchor="end">
            {number(health)}
          </text>
        </g>
      ))}
      {ticksOf(scale.days).map((days) => (
        <text key={days} x={scale.x(days)} y={bottom + 18} textAnchor="middle">
          {number(days)}
        </text>
      ))}
      <text x={(CHART.left + right) / 2} y={CHART.height - 8} textAnchor="middle" className={styles.title}>
        {t("pipeline-days")}
      </text>
      <text transform={`translate(14 ${(CHART.top + bottom) / 2}) rotate(-90)`} textAnchor="middle" className={styles.title}>
        {t("pipeline-health")}
      </text>
    </g>
  );
}
