import { expect, test } from "vitest";
import { countGrades, moved } from "./grading.ts";

test("a minimum that moves takes its neighbour along, and only then", () => {
  expect(moved({ good: 60, fair: 40 }, "good", 70)).toEqual({ good: 70, fair: 40 });
  expect(moved({ good: 60, fair: 40 }, "good", 30)).toEqual({ good: 30, fair: 29 });
  expect(moved({ good: 60, fair: 40 }, "fair", 60)).toEqual({ good: 61, fair: 60 });
});

test("a score on a minimum belongs to the better grade", () => {
  const scores = Array.from({ length: 101 }, (_, score) => ([39, 40, 59, 60, 100].includes(score) ? 1 : 0));
  const table = { table: "contacts", with_score: scores, without_score: 4 };
  expect(countGrades(table, { good: 60, fair: 40 })).toEqual({ good: 2, fair: 2, poor: 1, none: 4 });
});
