import { queryOptions } from "@tanstack/react-query";
import type { Client } from "openapi-fetch";
import { api, dataOf } from "./client.ts";

/** Horizons in days that the page offers. */
export const HORIZONS_DAYS = [30, 60, 90];

const POLL_MS = 2_000;

const evaluationApi = api as unknown as Client<EvaluationPaths>;

/** Where the evaluation stands, with the last report; asked again while one runs. */
export function evaluationQuery() {
  return queryOptions({
    queryKey: ["evaluation"],
    queryFn: ({ signal }) => dataOf(evaluationApi.GET("/api/v1/evaluation", { signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? POLL_MS : false),
  });
}

/** Starts an evaluation; the answer says that it runs. */
export function postEvaluation(horizonDays: number): Promise<Evaluation> {
  return dataOf(evaluationApi.POST("/api/v1/evaluation", { body: { horizon_days: horizonDays } }));
}

/** Fits the likelihood to the organization's own past anew. */
export function postCalibration(): Promise<Calibration> {
  return dataOf(evaluationApi.POST("/api/v1/evaluation/calibration", { body: {} }));
}

// The server's answers.

export interface Evaluation {
  state: "none" | "running" | "ready" | "failed";
  problem: string | null;
  report: EvaluationReport | null;
  calibration: Calibration;
}

export interface EvaluationReport {
  as_of: string;
  model: string;
  horizon_days: number;
  elapsed_s: number;
  /** First and last captured interaction; null if nothing was captured. */
  span: { from: string; to: string } | null;
  moments: { at: string; pairs: number; records: number; people: number }[];
  warnings: EvaluationWarning[];
  pairs: Survival;
  records: Survival;
  who_knows_whom: Ranking;
  grades: GradeShare[];
  deals: DealsAhead[];
}

export interface EvaluationWarning {
  code: string;
  at: string | null;
  from: string | null;
  to: string | null;
  count: number | null;
  text: string;
}

export interface Survival {
  cases: number;
  in_touch: number;
  measures: Measure[];
  reliability: ReliabilityBin[];
  reason: string | null;
}

export interface Measure {
  name: string;
  is_baseline: boolean;
  roc_auc: Interval | null;
  pr_auc: Interval | null;
  brier: Interval | null;
  calibration_error: number | null;
}

export interface Ranking {
  people: number;
  candidates: number;
  measures: RankingMeasure[];
  reason: string | null;
}

export interface RankingMeasure {
  name: string;
  is_baseline: boolean;
  mrr: Interval | null;
  ndcg_5: Interval | null;
  hit_1: Interval | null;
}

export interface GradeShare {
  of: "records" | "pairs";
  grade: "good" | "fair" | "poor" | "strong" | "medium" | "weak";
  cases: number;
  in_touch: number;
  share: Interval | null;
  reply_rate: number | null;
  asked: number;
}

export interface DealsAhead {
  days_before: number;
  won: number;
  lost: number;
  roc_auc: Interval | null;
  grades: { grade: "good" | "fair" | "poor" | "none"; won: number; lost: number }[];
  reason: string | null;
}

/** A value with its 95 % interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface ReliabilityBin {
  from: number;
  to: number;
  cases: number;
  predicted: number;
  observed: number;
}

export interface Calibration {
  state: "pooled" | "calibrated";
  version: number;
  fitted_at: string | null;
  intercept: number;
  slope: number;
  pooled: { intercept: number; slope: number };
  pairs: number;
  needed: number;
  brier: number | null;
  brier_pooled: number | null;
  roc_auc: number | null;
  roc_auc_days_since_last: number | null;
  roc_auc_messages: number | null;
  reliability: ReliabilityBin[];
}

interface Json<Data> {
  content: { "application/json": Data };
}

interface EvaluationPaths {
  "/api/v1/evaluation": {
    get: { responses: { 200: Json<Evaluation> } };
    post: { requestBody: Json<{ horizon_days: number; at?: string[] }>; responses: { 202: Json<Evaluation> } };
  };
  "/api/v1/evaluation/calibration": {
    post: { requestBody: Json<Record<string, never>>; responses: { 200: Json<Calibration> } };
  };
}
