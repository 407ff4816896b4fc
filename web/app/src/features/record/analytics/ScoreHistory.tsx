import { Skeleton, SkeletonItem } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { historyQuery, type Health } from "@/api/insights.ts";
import type { Table } from "@/api/words.ts";
import { ChartTable } from "@/components/charts/ChartTable.tsx";
import { ScoreLine } from "@/components/charts/ScoreLine.tsx";
import { ProblemState } from "@/components/ProblemState.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import styles from "./WhyScoreWidget.module.css";

const HISTORY_DAYS = 180;

interface Props {
  table: Table;
  id: string;
  asOf: string | undefined;
  settings: Health["settings"];
}

/** The score as it was on each of the last days, each computed from the facts of its day. */
export function ScoreHistory({ table, id, asOf, settings }: Props) {
  const { t } = useL10n();
  const { date, number } = useFormats();
  const history = useQuery(historyQuery(table, id, asOf, HISTORY_DAYS));
  const points = history.data?.items ?? [];
  // A table of 180 rows hides what happened: it has the days on which the score changed.
  const changes = points.filter((point, i) => point.score !== points[i - 1]?.score);
  return (
    <>
      <h4 className={styles.heading}>{t("why-history")}</h4>
      {history.data ? (
        points.some(({ score }) => score != null) ? (
          <ChartTable
            caption={t("why-history-changes")}
            head={[t("column-day"), t("column-score")]}
            rows={changes.toReversed().map((point) => [date(point.date), number(point.score)])}
          >
            <ScoreLine points={points} grades={[settings.grade_fair, settings.grade_good]} />
          </ChartTable>
        ) : (
          <p className={styles.text}>{t("why-history-none")}</p>
        )
      ) : history.error ? (
        <ProblemState problem={history.error} retry={() => void history.refetch()} isSmall />
      ) : (
        <Skeleton aria-label={t("state-loading")}>
          <SkeletonItem size={128} />
        </Skeleton>
      )}
    </>
  );
}
