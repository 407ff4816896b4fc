import {
  Button,
  Field,
  mergeClasses,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Spinner,
} from "@fluentui/react-components";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { evaluationQuery, HORIZONS_DAYS, postEvaluation, type Evaluation, type EvaluationReport } from "@/api/evaluation.ts";
import { ProblemState } from "@/components/ProblemState.tsx";
import { StateBox } from "@/components/StateBox.tsx";
import type { MessageId } from "@/i18n/message-ids";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "../ChangeProblem.tsx";
import { Loading } from "../Loading.tsx";
import settings from "../Settings.module.css";
import { useMay } from "../useMay.ts";
import { WhoMay } from "../WhoMay.tsx";
import { CalibrationCard } from "./CalibrationCard.tsx";
import styles from "./Evaluation.module.css";
import { Report } from "./Report.tsx";
import { Section } from "./Section.tsx";

/** What starting it is called by its state, where it is not simply done again. */
const START_LABELS = new Map<string, MessageId>([
  ["none", "evaluation-now"],
  ["failed", "state-retry"],
]);

/** Whether scores, connections and likelihoods mean anything here: measured on the organization's own past. */
export function EvaluationPage() {
  const { t } = useL10n();
  const answer = useQuery(evaluationQuery());
  const may = useMay()("configure", "customize");
  if (answer.error && !answer.data) return <ProblemState problem={answer.error} retry={() => void answer.refetch()} />;
  const evaluation = answer.data;
  return (
    <div className={mergeClasses(settings.page, styles.page)}>
      <h1 className={settings.title}>{t("page-evaluation")}</h1>
      {evaluation && may !== null ? (
        <>
          <Run evaluation={evaluation} mayRun={may} />
          {evaluation.report ? <Report report={evaluation.report} /> : null}
          <CalibrationCard calibration={evaluation.calibration} mayCalibrate={may} />
        </>
      ) : (
        <Loading />
      )}
    </div>
  );
}

/** What an evaluation does, where it stands, and starting one. */
function Run({ evaluation, mayRun }: { evaluation: Evaluation; mayRun: boolean }) {
  const { t } = useL10n();
  const { state, problem, report } = evaluation;
  return (
    <Section id="run" title={t("evaluation-run")}>
      <p>{t("evaluation-what")}</p>
      {state === "none" ? <StateBox isSmall title={t("evaluation-none")} text={t("evaluation-none-text")} /> : null}
      {state === "failed" ? (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t("evaluation-failed")}</MessageBarTitle>
            {problem}
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {report?.span ? <Basis report={report} span={report.span} /> : null}
      {mayRun ? <Start evaluation={evaluation} /> : <WhoMay what="customize" />}
      <div role="status">
        {state === "running" ? <Spinner size="small" labelPosition="after" label={t("evaluation-running")} /> : null}
      </div>
    </Section>
  );
}

function Start({ evaluation }: { evaluation: Evaluation }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const queries = useQueryClient();
  const [horizon, setHorizon] = useState<number | null>(null);
  const days = horizon ?? evaluation.report?.horizon_days ?? HORIZONS_DAYS[0] ?? 30;
  // A report of the command line may look as far ahead as it likes.
  const offered = HORIZONS_DAYS.includes(days) ? HORIZONS_DAYS : [...HORIZONS_DAYS, days].toSorted((a, b) => a - b);
  const start = useMutation({
    mutationFn: postEvaluation,
    onSuccess: (now) => queries.setQueryData(evaluationQuery().queryKey, now),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate(days);
      }}
    >
      <div className={styles.controls}>
        <Field label={t("evaluation-horizon")}>
          <Select value={String(days)} onChange={(_, { value }) => setHorizon(Number(value))}>
            {offered.map((option) => (
              <option key={option} value={option}>
                {t("evaluation-days", { days: number(option) })}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" appearance="primary" disabled={start.isPending || evaluation.state === "running"}>
          {t(START_LABELS.get(evaluation.state) ?? "evaluation-again")}
        </Button>
      </div>
      <ChangeProblem problem={start.error} />
    </form>
  );
}

/** What the report below rests on. */
function Basis({ report, span }: { report: EvaluationReport; span: { from: string; to: string } }) {
  const { t } = useL10n();
  const { date, dateTime, number } = useFormats();
  return (
    <>
      <p className={settings.note}>
        {t("evaluation-basis", {
          as_of: dateTime(report.as_of),
          model: report.model,
          days: number(report.horizon_days),
          from: date(span.from),
          to: date(span.to),
          seconds: number(report.elapsed_s, 1),
        })}
      </p>
      {report.moments.length > 0 ? (
        <details className={settings.details}>
          <summary>{t("evaluation-moments")}</summary>
          <ul>
            {report.moments.map(({ at, pairs, records, people }) => (
              <li key={at}>
                {t("evaluation-moment", {
                  at: date(at),
                  pairs: number(pairs),
                  records: number(records),
                  people: number(people),
                })}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}
