import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import type { EvaluationReport } from "@/api/evaluation.ts";
import { StateBox } from "@/components/StateBox.tsx";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { About } from "./About.tsx";
import { Deals } from "./Deals.tsx";
import { RankingMeasures, SurvivalMeasures } from "./Measures.tsx";
import { PlainWords } from "./PlainWords.tsx";
import { Plots } from "./Plots.tsx";
import { Traps } from "./Traps.tsx";

/** What an evaluation found: first in plain words, then drawn, then in full. */
export function Report({ report }: { report: EvaluationReport }) {
  const { t } = useL10n();
  const { number } = useFormats();
  if (report.span == null) return <StateBox title={t("evaluation-nothing")} text={t("evaluation-nothing-text")} />;
  const hasTooFew = [report.pairs, report.records].every(({ reason }) => reason === "too_few_cases");
  return (
    <>
      {hasTooFew ? (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("evaluation-few")}</MessageBarTitle>
            {t("evaluation-few-text", { pairs: number(report.pairs.cases), records: number(report.records.cases) })}
          </MessageBarBody>
        </MessageBar>
      ) : (
        <>
          <PlainWords report={report} />
          <Plots report={report} />
          <SurvivalMeasures report={report} />
        </>
      )}
      <RankingMeasures report={report} />
      <Deals report={report} />
      <Traps report={report} />
      <About />
    </>
  );
}
