import type {
  Calibration,
  Evaluation,
  EvaluationReport,
  EvaluationWarning,
  GradeOutcome,
  Interval,
  Measure,
  Survival,
} from "@/api/evaluation.ts";

const around = (value: number, spread = 0.02): Interval => ({ value, low: value - spread, high: value + spread });

function measure(name: string, auc: number, brier: number | null = null, isBaseline = false): Measure {
  const calibrationError = brier === null ? null : brier / 4;
  return {
    name,
    is_baseline: isBaseline,
    roc_auc: around(auc),
    pr_auc: around(auc - 0.1),
    brier: brier === null ? null : around(brier, 0.01),
    calibration_error: calibrationError,
  };
}

const RELIABILITY = [
  { from: 0, to: 0.2, cases: 500, predicted: 0.11, observed: 0.13 },
  { from: 0.2, to: 0.6, cases: 300, predicted: 0.42, observed: 0.39 },
  { from: 0.6, to: 1, cases: 450, predicted: 0.8, observed: 0.77 },
];

const SURVIVAL: Survival = {
  cases: 1250,
  in_touch: 640,
  measures: [
    measure("likelihood_30d", 0.832, 0.168),
    measure("likelihood_calibrated", 0.83, 0.17),
    measure("score", 0.811),
    measure("days_since_last", 0.8, null, true),
    measure("bgnbd_alive", 0.805, 0.18, true),
  ],
  reliability: RELIABILITY,
  reason: null,
};

function grade(of: "records" | "pairs", name: string, inTouch: number, cases: number): GradeOutcome {
  return { of, grade: name, cases, in_touch: inTouch, share: around(inTouch / cases), reply_rate: 0.5, asked: 40 };
}

/** A warning with nothing but its code and the server's text. */
function warningOf(code: string, said: Partial<EvaluationWarning> = {}): EvaluationWarning {
  return { code, at: null, from: null, to: null, count: null, text: code, ...said };
}

export const REPORT: EvaluationReport = {
  as_of: "2026-11-24T12:00:00Z",
  model: "v1",
  horizon_days: 30,
  elapsed_s: 4.2,
  span: { from: "2025-01-02", to: "2026-11-23" },
  moments: [
    { at: "2026-02-20T00:00:00Z", pairs: 610, records: 600, people: 230 },
    { at: "2026-06-06T00:00:00Z", pairs: 640, records: 650, people: 250 },
  ],
  warnings: [
    warningOf("collection_hole", { from: "2026-03-02", to: "2026-03-08" }),
    warningOf("hole_ahead", { at: "2026-02-20T00:00:00Z" }),
    warningOf("leavers", { at: "2026-06-06T00:00:00Z", count: 3 }),
    warningOf("too_few_pairs", { count: 120 }),
    warningOf("sampled", { count: 25 }),
    warningOf("clock_skew", { text: "a mailbox runs ahead of time" }),
  ],
  pairs: { ...SURVIVAL, cases: 1240 },
  records: SURVIVAL,
  who_knows_whom: {
    people: 480,
    candidates: 12,
    measures: [
      { name: "strength", is_baseline: false, mrr: around(0.86), ndcg_5: around(0.88), hit_1: around(0.71) },
      { name: "messages", is_baseline: true, mrr: around(0.82), ndcg_5: around(0.85), hit_1: around(0.7101) },
    ],
    reason: null,
  },
  grades: [
    grade("records", "good", 415, 500),
    grade("records", "fair", 156, 300),
    grade("records", "poor", 81, 450),
    grade("pairs", "strong", 90, 100),
    grade("pairs", "medium", 60, 100),
    { ...grade("pairs", "weak", 0, 1), cases: 0, share: null, reply_rate: null, asked: 0 },
  ],
  deals: [
    {
      days_before: 30,
      won: 40,
      lost: 35,
      roc_auc: around(0.7),
      grades: [
        { grade: "good", won: 25, lost: 5 },
        { grade: "fair", won: 0, lost: 0 },
        { grade: "none", won: 2, lost: 3 },
      ],
      reason: null,
    },
    { days_before: 90, won: 4, lost: 3, roc_auc: null, grades: [], reason: "too_few_closed_deals" },
  ],
};

const NO_SURVIVAL: Survival = { cases: 7, in_touch: 3, measures: [], reliability: [], reason: "too_few_cases" };

/** Something was captured, but not enough of it. */
export const TOO_FEW: EvaluationReport = {
  ...REPORT,
  warnings: [],
  pairs: NO_SURVIVAL,
  records: { ...NO_SURVIVAL, cases: 5 },
  who_knows_whom: { people: 2, candidates: 1, measures: [], reason: "too_few_cases" },
  grades: [],
  deals: [],
};

export const NOTHING_CAPTURED: EvaluationReport = { ...TOO_FEW, span: null, moments: [] };

const POOLED: Calibration = {
  state: "pooled",
  version: 0,
  fitted_at: null,
  intercept: 0.53,
  slope: 0.78,
  pooled: { intercept: 0.53, slope: 0.78 },
  of_records: { intercept: 0.53, slope: 0.78 },
  pairs: 640,
  records: 310,
  needed: 1000,
  brier: null,
  brier_pooled: null,
  roc_auc: null,
  roc_auc_days_since_last: null,
  roc_auc_messages: null,
  reliability: [],
};

export const CALIBRATED: Calibration = {
  ...POOLED,
  state: "calibrated",
  version: 4,
  fitted_at: "2026-11-22T02:00:00Z",
  intercept: 0.31,
  slope: 0.9,
  pairs: 1240,
  brier: 0.161,
  brier_pooled: 0.172,
  roc_auc: 0.83,
  roc_auc_days_since_last: 0.8,
  roc_auc_messages: 0.74,
  reliability: RELIABILITY,
};

/** What the server answers, never evaluated unless said otherwise. */
export function evaluationOf(said: Partial<Evaluation> = {}): Evaluation {
  return { state: "none", problem: null, report: null, calibration: POOLED, ...said };
}
