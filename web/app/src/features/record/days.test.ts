import { expect, test } from "vitest";
import { endOfDay, plusDays } from "./days.ts";

test("a day ends before the next one's first moment, in the organization's time zone", () => {
  expect(endOfDay("2026-03-01", "Europe/Amsterdam")).toBe("2026-03-01T22:59:59.000Z");
  expect(endOfDay("2026-03-29", "Europe/Amsterdam")).toBe("2026-03-29T21:59:59.000Z");
  expect(endOfDay("2026-10-25", "Europe/Amsterdam")).toBe("2026-10-25T22:59:59.000Z");
  expect(endOfDay("2026-03-01", "Pacific/Auckland")).toBe("2026-03-01T10:59:59.000Z");
  expect(endOfDay("2026-03-01", "America/Los_Angeles")).toBe("2026-03-02T07:59:59.000Z");
});

test("days are added over the ends of months", () => {
  expect([plusDays("2026-02-28", 1), plusDays("2026-03-01", -1)]).toEqual(["2026-03-01", "2026-02-28"]);
});
