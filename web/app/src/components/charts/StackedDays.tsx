import { useState } from "react";
import { useFormats } from "@/i18n/L10nContext.tsx";
import styles from "./StackedDays.module.css";

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

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [900, 220, 28, 22];

/** Bars of days, stacked by series; whoever points at a day sees its numbers. */
export function StackedDays({ days, series }: Props) {
  const { shortDate, number } = useFormats();
  const [shown, setShown] = useState<number | null>(null);
  const totals = days.map((_, day) => series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  const most = Math.max(4, ...totals);
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const y = (value: number) => (HEIGHT - BOTTOM) * (1 - value / most);
  const ticks = [0, Math.round(most / 2), most];
  return (
    <div className={styles.frame} onPointerLeave={() => setShown(null)}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={styles.svg}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} stroke="var(--rapport-grid)" />
            <text x={LEFT - 6} y={y(tick) + (tick === most ? 10 : 4)} textAnchor="end">
              {number(tick)}
            </text>
          </g>
        ))}
        {days.map((day, i) => {
          let below = 0;
          return (
            <g key={day} onPointerEnter={() => setShown(i)}>
              <rect x={LEFT + i * step} y={0} width={step} height={HEIGHT - BOTTOM} fill="transparent" />
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
              {i % 10 === 0 ? (
                <text x={LEFT + (i + 0.5) * step} y={HEIGHT - 6} textAnchor="middle">
                  {shortDate(day)}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
      {shown === null ? null : (
        <div className={styles.card} style={shown > days.length / 2 ? { left: 0 } : { right: 0 }}>
          <strong>{shortDate(days[shown])}</strong>
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
