/** The glossary's words as they travel; each list is complete, so that a map over it is. */
const TABLES = ["accounts", "contacts", "leads", "opportunities"] as const;
export type Table = (typeof TABLES)[number];

export const HEALTH_STATES = [
  "good",
  "fair",
  "poor",
  "error",
  "computing",
  "not_applicable",
  "older_than_two_years",
  "no_closed_activities",
  "not_enough_info",
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export const TRENDS = ["improving", "steady", "declining", "not_enough_info"] as const;
export type Trend = (typeof TRENDS)[number];

export const KINDS = ["email", "meeting", "phone_call", "task"] as const;
export type Kind = (typeof KINDS)[number];

const TIE_GRADES = ["strong", "medium", "weak"] as const;
export type TieGrade = (typeof TIE_GRADES)[number];

export function asTable(text: string): Table | undefined {
  return TABLES.find((known) => known === text);
}

export function asHealthState(text: string): HealthState {
  return HEALTH_STATES.find((known) => known === text) ?? "error";
}

export function asTrend(text: string): Trend {
  return TRENDS.find((known) => known === text) ?? "not_enough_info";
}

export function asKind(text: string): Kind {
  return KINDS.find((known) => known === text) ?? "task";
}

export function asTieGrade(text: string): TieGrade {
  return TIE_GRADES.find((known) => known === text) ?? "weak";
}
