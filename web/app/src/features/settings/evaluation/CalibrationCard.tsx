import { Button, MessageBar, MessageBarBody, MessageBarTitle, mergeClasses } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { evaluationQuery, postCalibration, type Calibration } from "@/api/evaluation.ts";
import { useFormats, useL10n } from "@/i18n/L10nContext.tsx";
import { ChangeProblem } from "../ChangeProblem.tsx";
import settings from "../Settings.module.css";
import styles from "./Evaluation.module.css";
import { Reliability } from "./Plots.tsx";
import { Section } from "./Section.tsx";

interface Props {
  calibration: Calibration;
  mayCalibrate: boolean;
}

/** Whose past the likelihood was fitted to, how well it does there, and fitting it anew. */
export function CalibrationCard({ calibration, mayCalibrate }: Props) {
  const { t } = useL10n();
  const { dateTime, number } = useFormats();
  const queries = useQueryClient();
  const calibrate = useMutation({
    mutationFn: postCalibration,
    onSuccess: (now) => {
      queries.setQueryData(evaluationQuery().queryKey, (known) => (known ? { ...known, calibration: now } : known));
      // Every likelihood may be another.
      void queries.invalidateQueries();
    },
  });
  const { state, pairs, needed, fitted_at, roc_auc, roc_auc_days_since_last, roc_auc_messages } = calibration;
  const isOwn = state === "calibrated";
  return (
    <Section id="calibration" title={t("evaluation-calibration")}>
      <MessageBar intent={isOwn ? "success" : "info"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>
            {isOwn ? t("evaluation-calibrated", { at: dateTime(fitted_at) }) : t("evaluation-pooled")}
          </MessageBarTitle>
          {isOwn ? t("evaluation-calibrated-text", { version: number(calibration.version) }) : t("evaluation-pooled-text")}
        </MessageBarBody>
      </MessageBar>
      <p>{t("evaluation-calibration-pairs", { pairs: number(pairs), needed: number(needed) })}</p>
      <Coefficients calibration={calibration} />
      {roc_auc == null ? null : (
        <p>
          {t("evaluation-calibration-auc", {
            likelihood: number(roc_auc, 3),
            days: number(roc_auc_days_since_last, 3),
            messages: number(roc_auc_messages, 3),
          })}
        </p>
      )}
      {calibration.reliability.length > 0 ? (
        <Reliability caption={t("evaluation-calibration-plot")} bins={calibration.reliability} />
      ) : null}
      <ChangeProblem problem={calibrate.error} />
      {mayCalibrate ? (
        <div className={styles.controls}>
          <Button disabled={calibrate.isPending} onClick={() => calibrate.mutate()}>
            {t("evaluation-calibrate")}
          </Button>
        </div>
      ) : null}
      <p role="status" className={settings.note}>
        {calibrate.data
          ? t("evaluation-calibrate-done", { pairs: number(calibrate.data.pairs), version: number(calibrate.data.version) })
          : ""}
      </p>
    </Section>
  );
}

/** What is in use beside what it would be without a past of one's own. */
function Coefficients({ calibration }: { calibration: Calibration }) {
  const { t } = useL10n();
  const { number } = useFormats();
  const { intercept, slope, pooled, brier, brier_pooled } = calibration;
  const title = t("evaluation-coefficients");
  const rows = [
    { name: "intercept", digits: 2, inUse: intercept, without: pooled.intercept },
    { name: "slope", digits: 2, inUse: slope, without: pooled.slope },
    { name: "brier", digits: 3, inUse: brier, without: brier_pooled },
  ];
  return (
    <table className={mergeClasses(settings.table, styles.table)}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t("evaluation-pooled")}</th>
          <th scope="col">{t("evaluation-in-use")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, digits, inUse, without }) => (
          <tr key={name}>
            <th scope="row">{t("evaluation-coefficient", { name })}</th>
            <td>{number(without, digits)}</td>
            <td>{number(inUse, digits)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
