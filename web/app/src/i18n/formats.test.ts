import { expect, test } from "vitest";
import { messages as english } from "./en.ts";
import { formatsOf, NOTHING } from "./formats.ts";
import { l10nOf } from "./l10n.ts";
import { messages as dutch } from "./nl.ts";

const en = formatsOf("en", "Europe/Amsterdam", l10nOf("en", english).t);
const nl = formatsOf("nl", "Europe/Amsterdam", l10nOf("nl", dutch).t);

test("numbers, money and hours follow the language", () => {
  expect(en.number(1234.5, 1)).toBe("1,234.5");
  expect(nl.number(1234.5, 1)).toBe("1.234,5");
  expect(nl.money(12500, "EUR")).toBe("€\u00a012.500");
  expect(nl.hours(1.5)).toBe("1,50 u");
});

test("days and times are those of the organization, not of the browser", () => {
  expect(en.dateTime("2026-03-01T23:30:00Z")).toBe("2 Mar 2026, 00:30");
  expect(nl.date("2026-03-01T23:30:00Z")).toBe("2 mrt 2026");
  expect(en.date("2026-03-01")).toBe("1 Mar 2026");
});

test("what is not known is never zero", () => {
  expect([
    en.number(null),
    en.money(undefined, "EUR"),
    en.percent(null),
    en.date(null),
    en.relative(null, "2026-03-01T00:00:00Z"),
  ]).toEqual(Array.from({ length: 5 }, () => NOTHING));
});

test("a currency that nobody knows stands as it was written", () => {
  expect(en.money(5, "QUATLOOS")).toBe("QUATLOOS 5");
});

test("distances in time are counted in local days", () => {
  expect(en.relative("2026-03-01T23:30:00Z", "2026-03-02T00:30:00Z")).toBe("today");
  expect(en.relative("2026-03-01T22:30:00Z", "2026-03-01T23:30:00Z")).toBe("yesterday");
  expect(nl.relative("2026-03-29T10:00:00Z", "2026-03-01T10:00:00Z")).toBe("over 4 weken");
});

test("lengths of time are told in the largest unit that they fill", () => {
  expect([0, 42, 60, 150, 3_599, 7_200, 200_000].map((seconds) => en.duration(seconds))).toEqual([
    "0 seconds",
    "42 seconds",
    "1 minute",
    "3 minutes",
    "1 hour",
    "2 hours",
    "2 days",
  ]);
  expect(nl.duration(7_200)).toBe("2 uur");
  expect([en.ago(180), nl.ago(180), en.ago(0), en.ago(null)]).toEqual(["3 minutes ago", "3 minuten geleden", "now", NOTHING]);
});
