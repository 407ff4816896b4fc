import styles from "./Bars.module.css";

/** One bar: its name, its length as a share of the longest, what stands behind it. */
export interface Bar {
  label: string;
  value: number;
  text: string;
  color: string;
}

interface Props {
  groups: { label: string; bars: Bar[] }[];
}

/** Horizontal bars in groups, all on one scale. */
export function Bars({ groups }: Props) {
  const longest = Math.max(...groups.flatMap((group) => group.bars.map((bar) => bar.value)), 0);
  return (
    <div className={styles.groups}>
      {groups.map((group) => (
        <div key={group.label} className={styles.group}>
          <span className={styles.label}>{group.label}</span>
          <div className={styles.bars}>
            {group.bars.map((bar) => (
              <div key={bar.label} className={styles.line} title={`${bar.label}: ${bar.text}`}>
                <span
                  className={styles.bar}
                  style={{ width: `${longest > 0 ? (bar.value / longest) * 100 : 0}%`, background: bar.color }}
                />
                <span className={styles.text}>{bar.text}</span>
              </div>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

/** What the colours of bars mean. */
export function BarLegend({ entries }: { entries: { label: string; color: string }[] }) {
  return (
    <ul className={styles.legend}>
      {entries.map(({ label, color }) => (
        <li key={label} className={styles.entry}>
          <span className={styles.square} style={{ background: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
