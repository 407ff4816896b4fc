import { useQuery } from "@tanstack/react-query";
import { historyQuery, type Health } from "@/api/insights.ts";
import { asKind, KINDS, type Table } from "@/api/words.ts";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { ScoreLine } from "@/components/charts/ScoreLine.tsx";
import { Figure } from "@/components/Figure.tsx";
import { KIND_LABELS } from "@/components/labels.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ContributionBars } from "./ContributionBars.tsx";
import type { WidgetProps } from "./props.ts";
import styles from "./WhyScoreWidget.module.css";

const HISTORY_DAYS = 180;

interface Props extends WidgetProps {
  table: Table;
  id: string;
  /** The moment that the page is shown as of; now if absent. */
  pageAsOf: string | undefined;
}

/** Why this score: what each day adds, the formula with this record's numbers, the settings, and what would change it. */
export function WhyScoreWidget({ insights, asOf, table, id, pageAsOf }: Props) {
  const { t } = useL10n();
  const health = insights?.health;
  return (
    <Widget
      name="why-score"
      title={t("widget-why")}
      info={{ what: t("widget-why-what"), how: t("widget-health-how"), data: t("widget-health-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      {health && health.contributions.length > 0 ? (
        <div className={styles.parts}>
          <Contributions health={health} />
          <div>
            <Formula health={health} />
            <History table={table} id={id} pageAsOf={pageAsOf} health={health} />
            <Settings health={health} />
          </div>
        </div>
      ) : (
        <StateBox isSmall title={t("why-nothing")} text={t("why-nothing-text")} />
      )}
    </Widget>
  );
}

function Contributions({ health }: { health: Health }) {
  const { t } = useL10n();
  const { number, date } = useFormats();
  const rows = health.contributions.map((part) => [
    date(part.date),
    t(KIND_LABELS[asKind(part.kind)]),
    number(part.age_days),
    number(part.weight, 2),
    number(part.value, 3),
  ]);
  return (
    <div>
      <h4 className={styles.heading}>{t("why-contributions")}</h4>
      <p className={styles.text}>
        {t("why-contributions-text", { days: number(health.contributions.length), memory: number(health.memory, 3) })}
      </p>
      <ChartTable
        caption={t("why-contributions")}
        head={[t("column-day"), t("column-kind"), t("why-age"), t("why-weight"), t("why-value")]}
        rows={[...rows, [t("why-sum"), "", "", "", number(health.memory, 3)]]}
      >
        <ContributionBars contributions={health.contributions} />
      </ChartTable>
    </div>
  );
}

function Formula({ health }: { health: Health }) {
  const { t } = useL10n();
  const { number } = useFormats();
  return (
    <>
      <h4 className={styles.heading}>{t("why-formula")}</h4>
      <dl className={styles.terms}>
        {(
          [
            [t("why-memory"), "memory", health.memory],
            [t("why-expectation"), "expectation", health.expectation],
            [t("why-engagement"), "engagement", health.engagement],
          ] as const
        ).map(([label, path, value]) => (
          <div key={path}>
            <dt>{label}</dt>
            <dd>
              <Figure path={`health.${path}`} value={value}>
                {number(value, 3)}
              </Figure>
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.formula}>
        {`100 × (1 − 2^(−1.5 × ${number(health.engagement, 3)} × ${number(health.memory, 3)} / ${number(health.expectation, 3)})) = ${number(health.score)}`}
      </p>
      {health.score_if_met_today == null ? null : (
        <p className={styles.text}>
          <Figure path="health.score_if_met_today" value={health.score_if_met_today}>
            {t("why-if-met", { score: number(health.score_if_met_today) })}
          </Figure>
        </p>
      )}
    </>
  );
}

function History({ table, id, pageAsOf, health }: Pick<Props, "table" | "id" | "pageAsOf"> & { health: Health }) {
  const { t } = useL10n();
  const { date, number } = useFormats();
  const history = useQuery(historyQuery(table, id, pageAsOf, HISTORY_DAYS));
  const points = history.data?.items ?? [];
  const changes = points.filter((point, i) => point.score !== points[i - 1]?.score);
  return (
    <>
      <h4 className={styles.heading}>{t("why-history")}</h4>
      <ChartTable
        caption={t("why-history")}
        head={[t("column-day"), t("column-score")]}
        rows={changes.toReversed().map((point) => [date(point.date), number(point.score)])}
      >
        <ScoreLine points={points} grades={[health.settings.grade_fair, health.settings.grade_good]} />
      </ChartTable>
    </>
  );
}

function Settings({ health: { settings } }: { health: Health }) {
  const { t } = useL10n();
  const { number, percent, list } = useFormats();
  const influences = KINDS.map((kind) => `${t(KIND_LABELS[kind])} ${percent(settings.influence[kind] / 100)}`);
  return (
    <>
      <h4 className={styles.heading}>{t("why-settings")}</h4>
      <p className={styles.text}>
        {t("why-settings-text", {
          days: settings.frequency_days,
          good: number(settings.grade_good),
          fair: number(settings.grade_fair),
          influences: list(influences),
        })}
      </p>
    </>
  );
}
