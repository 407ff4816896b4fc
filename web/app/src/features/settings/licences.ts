import type { MessageId } from "@/i18n/message-ids";

/** Licences of a user, from the least. */
export const LICENCES: Record<string, MessageId> = {
  none: "licence-none",
  enterprise: "licence-enterprise",
  premium: "licence-premium",
};
