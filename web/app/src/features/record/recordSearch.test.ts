import { expect, test } from "vitest";
import { recordSearch } from "./recordSearch.ts";

test("keeps what the page knows and leaves defaults out", () => {
  expect(recordSearch({ tab: "analytics", as_of: "2026-08-12T21:59:59.000Z", other: 1 })).toEqual({
    tab: "analytics",
    as_of: "2026-08-12T21:59:59.000Z",
  });
  expect(recordSearch({ tab: "summary" })).toEqual({ tab: undefined, as_of: undefined });
});

test("a moment that the server would not take is left out", () => {
  for (const as_of of ["2026", "yesterday", "2026-13-40T00:00:00Z", "2026-08-12", 2026]) {
    expect(recordSearch({ as_of }).as_of).toBeUndefined();
  }
});
