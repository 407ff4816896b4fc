import type { Table } from "@/api/words.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { Widget } from "@/components/Widget.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import { Contributions } from "./Contributions.tsx";
import { Formula } from "./Formula.tsx";
import type { WidgetProps } from "./props.ts";
import { ScoreHistory } from "./ScoreHistory.tsx";
import { ScoreSettings } from "./ScoreSettings.tsx";
import styles from "./WhyScoreWidget.module.css";

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
          <div>
            <Formula health={health} isPast={pageAsOf !== undefined} />
            <ScoreSettings health={health} />
          </div>
          <div>
            <Contributions health={health} />
          </div>
          <div className={styles.wide}>
            <ScoreHistory table={table} id={id} asOf={pageAsOf} settings={health.settings} />
          </div>
        </div>
      ) : (
        <StateBox isSmall title={t("why-nothing")} text={t("why-nothing-text")} />
      )}
    </Widget>
  );
}
