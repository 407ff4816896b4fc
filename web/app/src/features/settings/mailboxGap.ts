import type { Enabling } from "@/api/enabling.ts";
import type { MessageId } from "@/i18n/message-ids";

/** What keeps mailbox data from being used, and the page where that is changed. */
interface Gap {
  text: MessageId;
  page: { to: "/settings/premium" | "/settings/overview" | "/settings/consent"; label: MessageId };
  /** Consent is all that is missing. */
  isConsent: boolean;
}

const PREMIUM = { to: "/settings/premium", label: "page-premium" } as const;
const OVERVIEW = { to: "/settings/overview", label: "page-overview" } as const;
const CONSENT = { to: "/settings/consent", label: "page-consent" } as const;

const GEOGRAPHIES: Record<string, MessageId> = {
  local_geography: "geography-local",
  not_listed: "geography-not-listed",
  unknown: "geography-unknown",
};

const CONSENTS: Record<string, MessageId> = {
  pending: "gap-consent-pending",
  declined: "gap-consent-declined",
  revoked: "gap-consent-revoked",
};

/** The first thing that is missing, in the order in which an administrator meets them; null: mailbox data is used. */
export function mailboxGap({ premium_since, enabled_at, mailbox, geography, consent }: Enabling): Gap | null {
  const gap = (text: MessageId, page: Gap["page"] = OVERVIEW): Gap => ({ text, page, isConsent: false });
  if (mailbox.is_used) return null;
  if (premium_since == null) return gap("gap-premium", PREMIUM);
  if (enabled_at == null) return gap("gap-enabled");
  // The end of the 14 days switched it off, nobody else did.
  if (!mailbox.is_on) return gap(consent.state === "expired" ? "gap-consent-expired" : "gap-mailbox");
  if (geography.state !== "eligible") return gap(GEOGRAPHIES[geography.state] ?? "geography-unknown");
  if (!mailbox.all_roles && !mailbox.roles.some((role) => role.is_chosen)) return gap("gap-roles");
  return { text: CONSENTS[consent.state] ?? "gap-consent-missing", page: CONSENT, isConsent: true };
}
