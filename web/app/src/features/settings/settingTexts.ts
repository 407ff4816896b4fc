import type { MessageId } from "@/i18n/message-ids";

/** The settings of the page, in words, by what they are about. To add one: its line here and its message. */
export const SETTING_GROUPS: { title: MessageId; keys: [string, MessageId][] }[] = [
  {
    title: "settings-health",
    keys: [
      ["health.frequency_days", "setting-frequency"],
      ["health.influence.email", "setting-influence-email"],
      ["health.influence.meeting", "setting-influence-meeting"],
      ["health.influence.phone_call", "setting-influence-phone-call"],
      ["health.influence.task", "setting-influence-task"],
      ["health.grade.good", "setting-grade-good"],
      ["health.grade.fair", "setting-grade-fair"],
    ],
  },
  {
    title: "settings-ties",
    keys: [
      ["ties.strong", "setting-tie-strong"],
      ["ties.medium", "setting-tie-medium"],
      ["similar_deals.enabled", "setting-similar"],
    ],
  },
  {
    title: "settings-figures",
    keys: [
      ["time_zone", "setting-time-zone"],
      ["kpis.email_sender_min", "setting-email-sender"],
      ["kpis.email_reader_min", "setting-email-reader"],
      ["kpis.response_within_h", "setting-response-within"],
    ],
  },
  {
    title: "settings-capture",
    keys: [
      ["capture.scope", "setting-scope"],
      ["capture.keep_subjects", "setting-keep-subjects"],
      ["retention.months", "setting-retention"],
    ],
  },
];

/** Words of values that are words. */
export const VALUE_LABELS: Record<string, MessageId> = {
  true: "value-on",
  false: "value-off",
  crm_people: "value-crm-people",
  business: "value-business",
  everyone: "value-everyone",
  "1": "value-daily",
  "3": "value-every-few-days",
  "7": "value-weekly",
  "14": "value-fortnightly",
  "30": "value-monthly",
};

/** Keys whose value is one of a few words. */
export const CHOICES: Record<string, string[]> = {
  "health.frequency_days": ["1", "3", "7", "14", "30"],
  "capture.scope": ["crm_people", "business", "everyone"],
  "capture.keep_subjects": ["true", "false"],
  "similar_deals.enabled": ["true", "false"],
};
