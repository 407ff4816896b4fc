import type { FeatureCheck } from "@/api/people.ts";
import type { MessageId } from "@/i18n/message-ids";

/** What each feature is called: as its page is, where it has one. */
export const FEATURES: Record<string, MessageId> = {
  relationship_analytics: "why-analytics",
  health: "why-health",
  response_times: "why-response-times",
  who_knows_whom: "page-who-knows",
  similar_deals: "why-similar-deals",
  settings: "area-insights-settings",
  users: "page-users",
  consent: "page-consent",
  privacy_requests: "page-privacy-requests",
  audit: "page-audit",
};

/** Where there is no word for what was found. */
const ANY = "*";

interface Words {
  label: MessageId;
  /** What it says where it holds, by what was found. */
  there: Record<string, MessageId>;
  /** What it says where it does not hold, by what was found. */
  missing: Record<string, MessageId>;
}

const CHECKS: Record<string, Words> = {
  licence: {
    label: "why-licence",
    there: { enterprise: "licence-enterprise", premium: "licence-premium", [ANY]: "licence-premium" },
    missing: { enterprise: "why-licence-basic", [ANY]: "why-licence-missing" },
  },
  role: {
    label: "why-role",
    there: { [ANY]: "why-role-found" },
    missing: { functional: "why-role-functional", [ANY]: "why-role-missing" },
  },
  task: { label: "why-task", there: { [ANY]: "why-role-found" }, missing: { [ANY]: "why-task-missing" } },
  premium: {
    label: "page-premium",
    there: { not_enabled: "why-not-enabled-yet", [ANY]: "why-premium-on" },
    missing: { [ANY]: "why-premium-missing" },
  },
  feature: {
    label: "why-feature",
    there: { basic_tier: "why-feature-basic", not_enabled: "why-not-enabled-yet", [ANY]: "why-is-on" },
    missing: { [ANY]: "why-feature-missing" },
  },
  option: { label: "why-option", there: { [ANY]: "why-is-on" }, missing: { [ANY]: "why-option-missing" } },
  closed_deals: {
    label: "why-closed-deals",
    there: { not_permitted: "why-closed-deals-enough", [ANY]: "why-closed-deals-found" },
    missing: { not_permitted: "why-closed-deals-few", [ANY]: "why-closed-deals-missing" },
  },
  enabled: { label: "why-enabled", there: { [ANY]: "why-premium-on" }, missing: { [ANY]: "why-enabled-missing" } },
  mailbox: { label: "why-mailbox", there: { [ANY]: "why-is-on" }, missing: { [ANY]: "why-mailbox-missing" } },
  roles: { label: "why-roles", there: { [ANY]: "why-roles-found" }, missing: { [ANY]: "why-roles-missing" } },
  geography: {
    label: "why-geography",
    there: { [ANY]: "geography-eligible" },
    missing: {
      local_geography: "geography-local",
      not_listed: "geography-not-listed",
      unknown: "geography-unknown",
      [ANY]: "why-geography-missing",
    },
  },
  consent: {
    label: "why-consent",
    there: { [ANY]: "consent-state-granted" },
    missing: {
      pending: "why-consent-pending",
      expired: "why-consent-expired",
      declined: "why-consent-declined",
      revoked: "why-consent-revoked",
      [ANY]: "why-consent-missing",
    },
  },
  form: { label: "why-form", there: { 0: "why-form-own", [ANY]: "why-form-found" }, missing: { [ANY]: "why-form-missing" } },
};

const FIXED_BY: Record<string, MessageId> = {
  user_administrator: "why-by-user-administrator",
  administrator: "why-by-administrator",
  customizer: "why-by-customizer",
  tenant_administrator: "why-by-tenant-administrator",
  form_customizer: "why-by-form-customizer",
  time: "why-by-time",
};

/** What a check asks, what was found in words, and who can change it where it is missing; null: this page does not know it. */
export function checkWords({ check, is_ok, found, fixed_by }: FeatureCheck) {
  const words = CHECKS[check];
  if (!words) return null;
  const results = is_ok ? words.there : words.missing;
  const result = results[found] ?? results[ANY];
  return { label: words.label, result, by: is_ok ? undefined : FIXED_BY[fixed_by] };
}
