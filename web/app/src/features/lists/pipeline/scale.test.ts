import { expect, test } from "vitest";
import type { Point } from "@/api/lists.ts";
import { bubblesOf, scaleOf, ticksOf } from "./scale.ts";

function point(changed: Partial<Point>): Point {
  return {
    id: "o1",
    name: "Deal",
    health_state: "good",
    health_score: 70,
    health_trend: "steady",
    days_until_close: 10,
    ...changed,
  };
}

test("no revenue is a very small bubble, area grows with revenue", () => {
  const points = [point({ id: "a", estimated_revenue: 100 }), point({ id: "b", estimated_revenue: 400 }), point({ id: "c" })];
  const radii = Object.fromEntries(bubblesOf(points, scaleOf(points)).map(({ point: { id }, radius }) => [id, radius]));
  expect(radii).toEqual({ a: 15, b: 30, c: 3 });
});

test("no health is plotted at the bottom, full health at the top", () => {
  const scale = scaleOf([]);
  const [bubble] = bubblesOf([point({ health_score: null, health_state: "not_enough_info" })], scale);
  expect(bubble?.y).toBe(scale.y(0));
  expect(scale.y(100)).toBeLessThan(scale.y(0));
});

test("places and values lead to each other, and never outside of the chart", () => {
  const scale = scaleOf([point({ days_until_close: 90 })]);
  expect(scale.dayOf(scale.x(45))).toBeCloseTo(45);
  expect(scale.healthOf(scale.y(60))).toBeCloseTo(60);
  expect([scale.dayOf(-100), scale.healthOf(-100)]).toEqual([0, 100]);
});

test("axes have a handful of round ticks", () => {
  expect(ticksOf(30)).toEqual([0, 5, 10, 15, 20, 25, 30]);
  expect(ticksOf(150)).toEqual([0, 30, 60, 90, 120, 150]);
});
