import type { Introducer } from "@/api/who-knows.ts";

const AS_OF = "2026-11-24T12:00:00Z";

export function anIntroducer(changes: Partial<Introducer> = {}): Introducer {
  return {
    colleague: "ann@us.example",
    name: "Ann Vos",
    title: "Account manager",
    strength: 82,
    grade: "strong",
    activity: 0.9,
    directness: 0.7,
    mutuality: 0.96,
    likelihood_30d: 0.84,
    interactions: 40,
    emails: 34,
    meetings: 5,
    phone_calls: 1,
    active_days: 22,
    initiated_by_us: 6,
    initiated_by_them: 3,
    first_at: "2025-02-01T09:00:00Z",
    last_at: "2026-11-17T09:00:00Z",
    contributions: [
      { date: "2026-11-17", kind: "meeting", age_days: 7, weight: 1.5, value: 0.75 },
      { date: "2026-11-03", kind: "email", age_days: 21, weight: 1, value: 0.25 },
    ],
    asks_first: false,
    ...changes,
  };
}

/** What the server answers to who knows `pim@acme.example`. */
export function whoKnows(introducers: Introducer[], changes: object = {}) {
  return {
    target: "pim@acme.example",
    target_kind: "person",
    target_name: "Pim Timmermans",
    as_of: AS_OF,
    data: "crm_and_mailbox",
    model: "v2",
    introducers,
    missing: [],
    missing_counts: [],
    paths: [],
    ...changes,
  };
}
