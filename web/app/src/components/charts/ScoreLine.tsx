import { useFormats } from "@/i18n/L10nContext.tsx";
import styles from "./StackedDays.module.css";

interface Props {
  points: { date: string; score?: number | null }[];
  /** Lowest scores of fair and good: lines behind the curve. */
  grades: [number, number];
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [600, 180, 30, 22];

/** A score of 0 to 100 over days; days without one are gaps. */
export function ScoreLine({ points, grades }: Props) {
  const { shortDate, number } = useFormats();
  const x = (i: number) => LEFT + (i / Math.max(1, points.length - 1)) * (WIDTH - LEFT - 4);
  const y = (score: number) => 6 + (HEIGHT - BOTTOM - 6) * (1 - score / 100);
  const path = points
    .map(({ score }, i) =>
      score == null ? "" : `${points[i - 1]?.score == null ? "M" : "L"}${x(i).toFixed(1)} ${y(score).toFixed(1)}`,
    )
    .join("");
  const labels = [0, Math.floor((points.length - 1) / 2), points.length - 1];
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={styles.svg}>
      {[0, ...grades, 100].map((tick) => (
        <g key={tick}>
          <line
            x1={LEFT}
            x2={WIDTH}
            y1={y(tick)}
            y2={y(tick)}
            stroke="var(--rapport-grid)"
            strokeDasharray={grades.includes(tick) ? "4 4" : undefined}
          />
          <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
            {number(tick)}
          </text>
        </g>
      ))}
      <path d={path} fill="none" stroke="var(--rapport-us)" strokeWidth="2" />
      {labels.map((i, at) => (
        <text key={at} x={x(i)} y={HEIGHT - 6} textAnchor={at === 0 ? "start" : at === 2 ? "end" : "middle"}>
          {shortDate(points[i]?.date)}
        </text>
      ))}
    </svg>
  );
}
