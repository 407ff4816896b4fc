import { expect, test } from "vitest";
import { AREAS, areaOf, isWithin } from "./areas.ts";

test("each page belongs to its area, records to that of their list", () => {
  for (const area of AREAS) {
    for (const page of area.groups.flatMap((group) => group.pages)) expect(areaOf(page.path)).toBe(area);
  }
  expect(areaOf("/contacts/c1").label).toBe("area-sales");
});

test("the dashboard's path is no prefix of all others", () => {
  expect(isWithin("/contacts", "/")).toBe(false);
  expect(isWithin("/contacts-old", "/contacts")).toBe(false);
});
