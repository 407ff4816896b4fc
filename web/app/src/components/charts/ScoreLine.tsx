import { useState, type PointerEvent } from "react";
import { useFormats } from "@/i18n/L10nContext.tsx";
import styles from "./StackedDays.module.css";
import { useWidth } from "./useWidth.ts";

interface Props {
  points: { date: string; score?: number | null }[];
  /** Lowest scores of fair and good: lines behind the curve. */
  grades: [number, number];
}

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [180, 30, 6, 8, 22];

/** A score of 0 to 100 over days; days without one are gaps. Whoever points at a day sees its score. */
export function ScoreLine({ points, grades }: Props) {
  const { date, shortDate, number } = useFormats();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [shown, setShown] = useState<number | null>(null);
  const last = points.length - 1;
  const x = (i: number) => LEFT + (i / Math.max(1, last)) * (width - LEFT - RIGHT);
  const y = (score: number) => TOP + (HEIGHT - BOTTOM - TOP) * (1 - score / 100);
  const path = points
    .map(({ score }, i) =>
      score == null ? "" : `${points[i - 1]?.score == null ? "M" : "L"}${x(i).toFixed(1)} ${y(score).toFixed(1)}`,
    )
    .join("");
  const point = shown === null ? undefined : points[shown];
  const find = (event: PointerEvent<SVGSVGElement>) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setShown(Math.max(0, Math.min(last, Math.round(((at - LEFT) / (width - LEFT - RIGHT)) * last))));
  };
  return (
    <div ref={frame} className={styles.frame} onPointerLeave={() => setShown(null)}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} className={styles.svg} onPointerMove={find}>
        {[0, ...grades, 100].map((tick) => (
          <g key={tick}>
            <line
              x1={LEFT}
              x2={width}
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
        <path d={path} fill="none" stroke="var(--rapport-us)" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
        {shown !== null && point?.score != null ? (
          <circle cx={x(shown)} cy={y(point.score)} r="4" fill="var(--rapport-us)" />
        ) : null}
        {[0, Math.floor(last / 2), last].map((i, at) => (
          <text key={at} x={x(i)} y={HEIGHT - 6} textAnchor={at === 0 ? "start" : at === 2 ? "end" : "middle"}>
            {shortDate(points[i]?.date)}
          </text>
        ))}
      </svg>
      {shown !== null && point ? (
        <div className={styles.card} style={shown < last / 2 ? { left: x(shown) + 10 } : { right: width - x(shown) + 10 }}>
          <span>{date(point.date)}</span>
          <strong>{number(point.score)}</strong>
        </div>
      ) : null}
    </div>
  );
}
