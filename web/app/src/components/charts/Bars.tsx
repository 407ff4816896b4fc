import { mergeClasses } from "@fluentui/react-components";
import { Figure } from "../Figure.tsx";
import styles from "./Bars.module.css";

/** One bar: whose it is, its length as a share of the longest, what stands behind it. */
export interface Bar {
  label: string;
  value: number;
  text: string;
  color: string;
  /** Path of its value in the API's answer, if it is one of its figures. */
  path?: string;
}

interface Props {
  groups: { label: string; bars: Bar[] }[];
}

/** Horizontal bars in groups, all on one scale. To readers of the screen they are lists of named numbers. */
export function Bars({ groups }: Props) {
  const longest = Math.max(...groups.flatMap((group) => group.bars.map((bar) => bar.value)), 0);
  return (
    <div className={styles.groups}>
      {groups.map((group) => (
        <div key={group.label} className={styles.group}>
          <span aria-hidden className={styles.label}>
            {group.label}
          </span>
          <ul aria-label={group.label} className={styles.bars}>
            {group.bars.map((bar) => (
              <li key={bar.label} className={styles.line} title={`${bar.label}: ${bar.text}`}>
                <span className={styles.hidden}>{bar.label}</span>
                <span
                  className={mergeClasses(styles.bar, bar.value === 0 && styles.nothing)}
                  style={{ width: `${longest > 0 ? (bar.value / longest) * 100 : 0}%`, background: bar.color }}
                />
                <span className={styles.text}>
                  {bar.path ? (
                    <Figure path={bar.path} value={bar.value}>
                      {bar.text}
                    </Figure>
                  ) : (
                    bar.text
                  )}
                </span>
              </li>
            ))}
          </ul>
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
