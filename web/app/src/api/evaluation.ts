import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Evaluation = Body<"EvaluationBody">;
export type EvaluationReport = Body<"EvaluationReportBody">;
export type EvaluationWarning = Body<"WarningBody">;
export type Survival = Body<"SurvivalBody">;
export type Measure = Body<"SurvivalMeasureBody">;
export type GradeOutcome = Body<"GradeOutcomeBody">;
export type DealOutcomes = Body<"DealOutcomesBody">;
export type Interval = Body<"IntervalBody">;
export type ReliabilityBin = Body<"BinBody">;
export type Calibration = Body<"CalibrationBody">;

/** Horizons in days that the page offers. */
export const HORIZONS_DAYS = [30, 60, 90];

const POLL_MS = 2_000;

/** Where the evaluation stands, with the last report; asked again while one runs. */
export function evaluationQuery() {
  return queryOptions({
    queryKey: ["evaluation"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/evaluation", { signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? POLL_MS : false),
  });
}

/** Starts an evaluation; the answer says that it runs. */
export function postEvaluation(horizonDays: number): Promise<Evaluation> {
  return dataOf(api.POST("/api/v1/evaluation", { body: { horizon_days: horizonDays } }));
}

/** Fits the likelihood to the organization's own past anew. */
export function postCalibration(): Promise<Calibration> {
  return dataOf(api.POST("/api/v1/evaluation/calibration"));
}
