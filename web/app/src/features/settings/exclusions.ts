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
  scope: "excluded-scope",
};

/** Why something is not kept, in words; what is wrong with a message is told as it is. */
export function exclusionText(t: L10n["t"], reason: string): string {
  const id = REASONS[reason];
  return id ? t(id) : reason;
}
