import { mergeClasses } from "@fluentui/react-components";
import type { Interval } from "@/api/evaluation.ts";
import { Figure } from "@/components/Figure.tsx";
import { NOTHING } from "@/i18n/formats.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import settings from "../Settings.module.css";
import styles from "./Evaluation.module.css";

type Value = Interval | number | null | undefined;

interface Measured {
  name: string;
  is_baseline: boolean;
}

interface Props<Row, Metric extends string> {
  /** Where in the report the rows stand. */
  path: string;
  label: string;
  rows: Row[];
  metrics: readonly Metric[];
  /** Metrics of which less is better. */
  lowIsBest?: readonly Metric[];
}

/** Decimals of a measure; what looks the same is equally good. */
const DIGITS = 3;

/** Our measures and baselines, one a row; the best of each column is bold. */
export function MeasureTable<Metric extends string, Row extends Measured & Partial<Record<Metric, Value>>>({
  path,
  label,
  rows,
  metrics,
  lowIsBest = [],
}: Props<Row, Metric>) {
  const { t } = useL10n();
  const best = new Map(
    metrics.map((metric) => [
      metric,
      bestOf(
        rows.map((row) => row[metric]),
        lowIsBest.includes(metric),
      ),
    ]),
  );
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={label}>
      <table aria-label={label} className={mergeClasses(settings.table, styles.table)}>
        <thead>
          <tr>
            <th scope="col">{t("evaluation-column-measure")}</th>
            {metrics.map((metric) => (
              <th key={metric} scope="col">
                {t("evaluation-metric", { name: metric })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                {t("evaluation-measure", { name: row.name })}
                {row.is_baseline ? <span className={styles.mark}>{t("evaluation-baseline")}</span> : null}
              </th>
              {metrics.map((metric) => (
                <td key={metric}>
                  <Cell path={`${path}.${row.name}.${metric}`} value={row[metric]} best={best.get(metric)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ path, value, best }: { path: string; value: Value; best: number | null | undefined }) {
  const { t } = useL10n();
  const { number } = useFormats();
  if (value == null) return NOTHING;
  const isBest = rounded(value) === best;
  const interval = typeof value === "number" ? null : value;
  return (
    <>
      <Figure path={path} value={valueOf(value)} className={isBest ? styles.best : undefined}>
        {number(valueOf(value), DIGITS)}
      </Figure>
      {isBest ? <span className={styles.hidden}>{t("evaluation-best")}</span> : null}
      {interval ? (
        <span className={styles.interval}>{`${number(interval.low, DIGITS)} – ${number(interval.high, DIGITS)}`}</span>
      ) : null}
    </>
  );
}

function valueOf(value: NonNullable<Value>): number {
  return typeof value === "number" ? value : value.value;
}

function rounded(value: NonNullable<Value>): number {
  return Number(valueOf(value).toFixed(DIGITS));
}

/** The best of a column, rounded; none where nothing stands beside it. */
function bestOf(values: Value[], isLow: boolean): number | null {
  const known = values.flatMap((value) => (value == null ? [] : [rounded(value)]));
  if (known.length < 2) return null;
  return isLow ? Math.min(...known) : Math.max(...known);
}
