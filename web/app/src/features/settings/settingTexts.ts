import type { Task } from "@/frame/areas.ts";
import type { MessageId } from "@/i18n/message-ids";

/** The settings of the page, in words, by what they are about. To add one: its line here and its message. */
export const SETTING_GROUPS: { title: MessageId; keys: [string, MessageId][] }[] = [
  {
    title: "settings-figures",
    keys: [
      ["time_zone", "setting-time-zone"],
      ["kpis.email_sender_min", "setting-email-sender"],
      ["kpis.email_reader_min", "setting-email-reader"],
      ["kpis.response_within_h", "setting-response-within"],
      ["response_time.business_days", "setting-business-days"],
      ["response_time.business_hours", "setting-business-hours"],
    ],
  },
  {
    title: "settings-capture",
    keys: [
      ["capture.scope", "setting-scope"],
      ["capture.keep_subjects", "setting-keep-subjects"],
      ["capture.notice_days", "setting-notice-days"],
      ["retention.months", "setting-retention"],
    ],
  },
];

/** Settings that are options of features, which customizers may set too. */
const OPTIONS = ["health.", "who_knows.", "similar_deals."];

/** The tasks of which one lets set a setting, as the server has it. */
export function tasksOfSetting(key: string): Task[] {
  return OPTIONS.some((option) => key.startsWith(option)) ? ["configure", "customize"] : ["configure"];
}

/** Words of values that are words. */
export const VALUE_LABELS: Record<string, MessageId> = {
  true: "value-on",
  false: "value-off",
  crm_people: "value-crm-people",
  business: "value-business",
  everyone: "value-everyone",
};

/** Keys whose value is one of a few words. */
export const CHOICES: Record<string, string[]> = {
  "capture.scope": ["crm_people", "business", "everyone"],
  "capture.keep_subjects": ["true", "false"],
};
