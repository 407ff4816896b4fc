import type { Health, Insights, SimilarDeals } from "@/api/insights.ts";

/** What the server answers in tests, as of 24 November 2026, 12:00 UTC. */
const AS_OF = "2026-11-24T12:00:00Z";

export function aHealth(changes: Partial<Health> = {}): Health {
  return {
    state: "fair",
    score: 55,
    trend: "declining",
    model: "v2",
    likelihood_30d: 0.61,
    silence_surprise: 0.01,
    memory: 1.5,
    expectation: 7.151,
    engagement: 0.9,
    mutual: 0.95,
    freshness: 0.964,
    rollup: false,
    new_relationship: false,
    score_if_met_today: 64,
    settings: {
      frequency_days: 7,
      influence: { email: 0, meeting: 50, phone_call: 0, task: -20 },
      grade_good: 60,
      grade_fair: 40,
    },
    contributions: [
      { date: "2026-11-17", kind: "meeting", age_days: 7, weight: 1.5, value: 0.75 },
      { date: "2026-11-03", kind: "email", age_days: 21, weight: 1, value: 0.75 },
    ],
    ...changes,
  };
}

export function someInsights(changes: Partial<Insights> = {}): Insights {
  return {
    table: "opportunities",
    id: "o1",
    name: "Pumps",
    as_of: AS_OF,
    tier: "enhanced",
    data: "crm_and_mailbox",
    kpis: {
      emails_sent: 66,
      emails_received: 32,
      meetings_sent: 3,
      meetings_received: 0,
      phone_calls_made: 1,
      phone_calls_received: 2,
      time_spent_by_us_min: 451,
      time_spent_by_them_min: 366,
      replies_by_us: 13,
      replies_by_them: 16,
      response_time_by_us_h: {
        mean: 32.11,
        p50: 24.93,
        p90: 68.92,
        n: 13,
        unanswered: 18,
        km_p50: 71.5,
        business: { mean: 9.4, p50: 7.25, p90: 19.8, km_p50: 21.3 },
        estimated: null,
      },
      response_time_by_them_h: {
        mean: null,
        p50: null,
        p90: null,
        n: 0,
        unanswered: 4,
        km_p50: null,
        business: { mean: null, p50: null, p90: null, km_p50: null },
        estimated: null,
      },
      response_rate_by_us: 0.42,
      response_rate_by_them: null,
      send_receive_ratio_by_us: 2.0625,
      send_receive_ratio_by_them: 0.4848,
      sent_share: 0.67,
      colleagues: 2,
      people: 3,
      last_interaction: { at: "2026-11-17T09:18:00Z", kind: "meeting", direction: "outgoing", subject: "Demo" },
      next_interaction: null,
      most_contacted: [
        {
          name: "Pim Timmermans",
          email: "pim@acme.example",
          interactions: 43,
          emails: 42,
          meetings: 0,
          phone_calls: 1,
          last_at: AS_OF,
        },
      ],
      most_contacted_by: [],
      window_start: "2025-01-01T00:00:00Z",
      window_end: AS_OF,
    },
    unavailable: { response_rate_by_them: "not_enough_data" },
    activity_by_day: [
      { ...A_DAY, date: "2026-11-23", emails_sent: 2 },
      { ...A_DAY, date: "2026-11-24" },
    ],
    activity_by_week: [],
    health: aHealth(),
    summary: ["The relationship is fair and declining: 55 of 100.", "18 messages wait for your answer."],
    settings_version: 1,
    ...changes,
  };
}

const A_DAY = {
  emails_sent: 0,
  emails_received: 0,
  meetings_sent: 0,
  meetings_received: 0,
  phone_calls_made: 0,
  phone_calls_received: 0,
};

export function similarDeals(changes: Partial<SimilarDeals> = {}): SimilarDeals {
  return {
    as_of: AS_OF,
    state: "available",
    won: 48,
    lost: 42,
    needed: 30,
    basis: "similar",
    fields: [
      { name: "estimated_revenue", weight: 0.6 },
      { name: "account.country", weight: 0.4 },
    ],
    deals: [
      {
        id: "o2",
        name: "Valves",
        account: "Bolt",
        similarity: 0.63,
        estimated_revenue: 1000,
        currency: "EUR",
        closed_at: "2026-09-28T22:00:00Z",
        activities: 84,
        time_spent_by_us_min: null,
        time_spent_by_them_min: null,
        response_time_by_us_h: 25.31,
        response_time_by_them_h: null,
        response_rate_by_us: 0.45,
        response_rate_by_them: null,
      },
    ],
    comparison: {
      emails_sent: { value: 66, average: 20, n: 1 },
      emails_received: { value: 32, average: 7.7, n: 1 },
      time_spent_by_us_min: { value: 451, average: 171, n: 1 },
    },
    computed_at: AS_OF,
    ...changes,
  };
}

/** What else the record's page asks for. */
export const ANSWERS = {
  "GET /api/v1/opportunities/o1": () => ({
    table: "opportunities",
    id: "o1",
    topic: "Pumps",
    account: "a1",
    owner: "ann@us.example",
    status: "open",
    estimated_revenue: 12500,
    currency: "EUR",
  }),
  "GET /api/v1/accounts/a1": () => ({ table: "accounts", id: "a1", name: "Acme" }),
  "GET /api/v1/users": () => ({ items: [{ email: "ann@us.example", name: "Ann Vos", is_active: true }] }),
  "GET /api/v1/settings": () => ({
    items: [
      { key: "kpis.response_within_h", value: "48", default: "168", accepts: "", about: "" },
      { key: "kpis.email_sender_min", value: "5", default: "5", accepts: "", about: "" },
      { key: "kpis.email_reader_min", value: "2.5", default: "2.5", accepts: "", about: "" },
    ],
  }),
  "GET /api/v1/opportunities/o1/insights": () => someInsights(),
  "GET /api/v1/opportunities/o1/similar": () => similarDeals(),
  "GET /api/v1/opportunities/o1/history": () => ({
    as_of: AS_OF,
    items: [
      { date: "2026-11-22", score: null },
      { date: "2026-11-23", score: 57 },
      { date: "2026-11-24", score: 55 },
    ],
  }),
  "GET /api/v1/opportunities/o1/interactions": () => ({ items: [], next_cursor: null, total: 0, as_of: AS_OF }),
};
