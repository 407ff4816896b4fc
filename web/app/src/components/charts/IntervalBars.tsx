import styles from "./IntervalBars.module.css";

/** A share of 0..1 with the interval in which the true one lies. */
interface IntervalBar {
  label: string;
  value: number;
  low: number;
  high: number;
  text: string;
  color: string;
}

/** Bars of shares, all from 0 to 100 %, with their intervals. A drawing alone: its table stands beside it (`ChartTable`). */
export function IntervalBars({ bars }: { bars: IntervalBar[] }) {
  return (
    <div className={styles.bars}>
      {bars.map(({ label, value, low, high, text, color }) => (
        <div key={label} className={styles.line}>
          <span>{label}</span>
          <div className={styles.track}>
            <div className={styles.bar} style={{ width: `${value * 100}%`, background: color }} />
            <span className={styles.interval} style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
          </div>
          <span className={styles.text}>{text}</span>
        </div>
      ))}
    </div>
  );
}
