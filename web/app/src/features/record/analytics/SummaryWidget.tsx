import { Widget } from "@/components/Widget.tsx";
import { useL10n } from "@/i18n/L10nContext.tsx";
import type { WidgetProps } from "./props.ts";
import styles from "./SummaryWidget.module.css";

/** Up to five plain sentences. */
export function SummaryWidget({ insights, asOf }: WidgetProps) {
  const { t } = useL10n();
  return (
    <Widget
      name="summary"
      title={t("widget-summary")}
      subtitle={t("widget-summary-subtitle")}
      info={{ what: t("widget-summary-what"), how: t("widget-summary-how"), data: t("widget-summary-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      <ul className={styles.sentences}>
        {insights?.summary.map((sentence) => (
          <li key={sentence} className={styles.sentence}>
            {sentence}
          </li>
        ))}
      </ul>
    </Widget>
  );
}
