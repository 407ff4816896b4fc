import { expect, test } from "vitest";
import { formatsOf } from "@/i18n/formats.ts";
import { l10nOf } from "@/i18n/l10n.ts";
import { messages } from "@/i18n/nl-settings.ts";
import { outcomeText } from "./outcomes.ts";

test("counts are told in the reader's language, anything else as the server says it", () => {
  const { t } = l10nOf("nl", messages);
  const { number } = formatsOf("nl", "UTC", t);
  const told = ["1 records, 1200 interactions", "2 addresses, 3 records, 5 interactions", "erased", "the disk is full"];
  expect(told.map((outcome) => outcomeText(t, number, outcome))).toEqual([
    "records: 1, interacties: 1.200",
    "adressen: 2, records: 3, interacties: 5",
    "gewist",
    "the disk is full",
  ]);
});
