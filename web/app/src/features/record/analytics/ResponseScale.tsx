import { mergeClasses } from "@fluentui/react-components";
import type { ResponseTime } from "@/api/insights.ts";
import styles from "./ResponseScale.module.css";

interface Props {
  time: ResponseTime;
  /** The median of similar won deals, if there are any. */
  won: number | null;
  color: string;
}

/** Where median, mean and the slowest tenth lie on one scale from zero; the numbers stand beside it in words. */
export function ResponseScale({ time: { mean, p50, p90 }, won, color }: Props) {
  if (mean == null || p50 == null || p90 == null) return null;
  const longest = Math.max(p90, mean, won ?? 0) * 1.04;
  if (longest === 0) return null;
  const at = (hours: number) => `${(hours / longest) * 100}%`;
  return (
    <div aria-hidden className={styles.scale}>
      <span className={styles.span} style={{ width: at(p90), background: color }} />
      <span className={styles.median} style={{ left: at(p50), background: color }} />
      <span className={styles.mean} style={{ left: at(mean), borderColor: color }} />
      {won === null ? null : <span className={mergeClasses(styles.median, styles.won)} style={{ left: at(won) }} />}
    </div>
  );
}
