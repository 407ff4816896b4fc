import type { HealthState, Kind, Table, TieGrade, Trend } from "@/api/words.ts";
import type { MessageId } from "@/i18n/message-ids";

/** The message of each word of the glossary. */
export const HEALTH_LABELS: Record<HealthState, MessageId> = {
  good: "health-good",
  fair: "health-fair",
  poor: "health-poor",
  error: "health-error",
  computing: "health-computing",
  not_applicable: "health-not-applicable",
  older_than_two_years: "health-older-than-two-years",
  no_closed_activities: "health-no-closed-activities",
  not_enough_info: "health-not-enough-info",
};

export const TREND_LABELS: Record<Trend, MessageId> = {
  improving: "trend-improving",
  steady: "trend-steady",
  declining: "trend-declining",
  not_enough_info: "trend-not-enough-info",
};

export const KIND_LABELS: Record<Kind, MessageId> = {
  email: "kind-email",
  meeting: "kind-meeting",
  phone_call: "kind-phone-call",
  task: "kind-task",
};

export const TIE_GRADE_LABELS: Record<TieGrade, MessageId> = {
  strong: "tie-strong",
  medium: "tie-medium",
  weak: "tie-weak",
};

export const TABLE_LABELS: Record<Table, MessageId> = {
  accounts: "table-accounts",
  contacts: "table-contacts",
  leads: "table-leads",
  opportunities: "table-opportunities",
};

export const RECORD_LABELS: Record<Table, MessageId> = {
  accounts: "record-account",
  contacts: "record-contact",
  leads: "record-lead",
  opportunities: "record-opportunity",
};

const STATUS_LABELS: Record<string, MessageId> = {
  open: "status-open",
  won: "status-won",
  lost: "status-lost",
  active: "status-active",
  qualified: "status-qualified",
  disqualified: "status-disqualified",
};

/** A status that the CRM's tables do not have is shown as unknown. */
export function statusLabel(status: string): MessageId {
  return STATUS_LABELS[status] ?? "status-unknown";
}

/** The statuses of each table. */
export const STATUSES: Record<Table, readonly string[]> = {
  accounts: [],
  contacts: [],
  leads: ["active", "qualified", "disqualified"],
  opportunities: ["open", "won", "lost"],
};
