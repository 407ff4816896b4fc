import type { L10n } from "@/i18n/l10n.ts";
import type { MessageId } from "@/i18n/message-ids";

const REASONS: Record<string, MessageId> = {
  no_recipients: "excluded-no-recipients",
  no_colleague: "excluded-no-colleague",
  internal_only: "excluded-internal-only",
  draft: "excluded-draft",
  list: "excluded-list",
  automatic: "excluded-automatic",
  noreply: "excluded-noreply",
  calendar_reply: "excluded-calendar-reply",
  delivery_report: "excluded-delivery-report",
  too_many_recipients: "excluded-too-many-recipients",
  sensitive: "excluded-sensitive",
  private: "excluded-private",
  objection: "excluded-objection",
  opted_out: "excluded-opted-out",
  role: "excluded-role",
  group: "excluded-group",
  geography: "excluded-geography",
  scope: "excluded-scope",
};

/** Those that speak of whose mailbox it is, to somebody else. */
const OF_ANYBODY: Record<string, MessageId> = {
  private: "excluded-private-anybody",
  opted_out: "excluded-opted-out-anybody",
  role: "excluded-role-anybody",
  group: "excluded-group-anybody",
  geography: "excluded-geography-anybody",
};

/** Why something is not kept, in words, to whose mailbox it is or to anybody; what is wrong with a message is told as it is. */
export function exclusionText(t: L10n["t"], reason: string, reader: "own" | "anybody" = "own"): string {
  const id = (reader === "anybody" ? OF_ANYBODY[reason] : undefined) ?? REASONS[reason];
  return id ? t(id) : reason;
}
