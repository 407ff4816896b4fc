import { Button } from "@fluentui/react-components";
import { ChevronLeftRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { StateBox } from "@/components/StateBox.tsx";
import { useIsNarrow } from "@/components/useIsNarrow.ts";
import { Widget } from "@/components/Widget.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import type { WidgetProps } from "./props.ts";
import styles from "./SummaryWidget.module.css";

/** Up to five plain sentences. */
export function SummaryWidget({ insights, asOf }: WidgetProps) {
  const { t } = useL10n();
  const isNarrow = useIsNarrow();
  const sentences = insights?.summary ?? [];
  return (
    <Widget
      name="summary"
      title={t("widget-summary")}
      subtitle={t("widget-summary-subtitle")}
      info={{ what: t("widget-summary-what"), how: t("widget-summary-how"), data: t("widget-summary-data") }}
      asOf={asOf}
      isLoading={!insights}
    >
      {sentences.length === 0 ? (
        <StateBox isSmall title={t("summary-nothing")} text={t("summary-nothing-text")} />
      ) : isNarrow && sentences.length > 1 ? (
        <Pager sentences={sentences} />
      ) : (
        <ul className={styles.sentences}>
          {sentences.map((sentence) => (
            <li key={sentence} className={styles.sentence}>
              {sentence}
            </li>
          ))}
        </ul>
      )}
    </Widget>
  );
}

/** One sentence at a time, where five would push everything else off the screen. */
function Pager({ sentences }: { sentences: string[] }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const [chosen, setChosen] = useState(0);
  const shown = Math.min(chosen, sentences.length - 1);
  return (
    <>
      <p aria-live="polite" className={styles.sentence}>
        {sentences[shown]}
      </p>
      <div className={styles.pager}>
        <Button
          appearance="subtle"
          icon={<ChevronLeftRegular />}
          aria-label={t("summary-previous")}
          disabledFocusable={shown === 0}
          onClick={() => setChosen(shown - 1)}
        />
        <span>{t("summary-page", { page: number(shown + 1), pages: number(sentences.length) })}</span>
        <Button
          appearance="subtle"
          icon={<ChevronRightRegular />}
          aria-label={t("summary-next")}
          disabledFocusable={shown === sentences.length - 1}
          onClick={() => setChosen(shown + 1)}
        />
      </div>
    </>
  );
}
