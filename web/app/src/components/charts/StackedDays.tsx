import { useState } from "react";
import { useFormats } from "@/i18n/L10nContext.tsx";
import styles from "./StackedDays.module.css";
import { useWidth } from "./useWidth.ts";

/** One series: its label, its colour, its value on each day. */
interface Series {
  label: string;
  color: string;
  values: number[];
}

interface Props {
  days: string[];
  series: Series[];
}

const [HEIGHT, LEFT, TOP, BOTTOM] = [220, 28, 8, 22];
/** Pixels that a day's label takes. */
const LABEL_WIDTH = 76;

/** Bars of days, stacked by series; whoever points at a day sees its numbers. */
export function StackedDays({ days, series }: Props) {
  const { shortDate, date, number } = useFormats();
  const [frame, width] = useWidth<HTMLDivElement>();
  const [shown, setShown] = useState<number | null>(null);
  const totals = days.map((_, day) => series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  const most = Math.max(4, ...totals);
  const step = (width - LEFT) / Math.max(1, days.length);
  const labelEvery = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const ticks = [0, Math.round(most / 2), most];
  return (
    <div ref={frame} className={styles.frame} onPointerLeave={() => setShown(null)}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} className={styles.svg}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--rapport-grid)" />
            <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
              {number(tick)}
            </text>
          </g>
        ))}
        {days.map((day, i) => {
          let below = 0;
          return (
            <g key={day} onPointerEnter={() => setShown(i)}>
              <rect
                x={LEFT + i * step}
                y={0}
                width={step}
                height={HEIGHT - BOTTOM}
                className={shown === i ? styles.pointed : styles.unpointed}
              />
              {series.map(({ label, color, values }) => {
                const value = values[i] ?? 0;
                below += value;
                return value > 0 ? (
                  <rect
                    key={label}
                    x={LEFT + i * step + step * 0.15}
                    width={step * 0.7}
                    y={y(below)}
                    height={y(below - value) - y(below)}
                    fill={color}
                  />
                ) : null;
              })}
              {i % labelEvery === 0 && (i + 0.5) * step + LABEL_WIDTH / 2 < width - LEFT ? (
                <text x={LEFT + (i + 0.5) * step} y={HEIGHT - 6} textAnchor={i === 0 ? "start" : "middle"}>
                  {shortDate(day)}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
      {shown === null ? null : (
        <div
          className={styles.card}
          style={shown < days.length / 2 ? { left: LEFT + (shown + 1) * step + 4 } : { right: width - LEFT - shown * step + 4 }}
        >
          <strong>{date(days[shown])}</strong>
          {series.map(({ label, color, values }) => (
            <span key={label} className={styles.line}>
              <span className={styles.square} style={{ background: color }} />
              {label}
              <span className={styles.value}>{number(values[shown] ?? 0)}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
