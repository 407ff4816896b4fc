import type { Point } from "@/api/lists.ts";

/** The place of the chart, in units of the drawing. */
export const CHART = { width: 720, height: 440, left: 52, right: 16, top: 16, bottom: 48 } as const;

/** A deal without revenue is a very small bubble; the largest has this radius. */
const RADIUS_MIN = 3;
const RADIUS_MAX = 30;
/** Days that the axis spans at least: a week's pipeline is not stretched over the page. */
const DAYS_MIN = 30;

export interface Bubble {
  point: Point;
  x: number;
  y: number;
  radius: number;
}

export interface Scale {
  days: number;
  x: (days: number) => number;
  y: (health: number) => number;
  dayOf: (x: number) => number;
  healthOf: (y: number) => number;
}

/** Days until close to the right, health 0 to 100 upwards. */
export function scaleOf(points: Point[]): Scale {
  const days = Math.max(DAYS_MIN, ...points.map((point) => point.days_until_close));
  const [width, height] = [CHART.width - CHART.left - CHART.right, CHART.height - CHART.top - CHART.bottom];
  return {
    days,
    x: (day) => CHART.left + (day / days) * width,
    y: (health) => CHART.top + (1 - health / 100) * height,
    dayOf: (x) => clamp(((x - CHART.left) / width) * days, 0, days),
    healthOf: (y) => clamp((1 - (y - CHART.top) / height) * 100, 0, 100),
  };
}

/** Bubbles by area of revenue; small ones last, so that they lie on top of large ones. No health is plotted at the bottom. */
export function bubblesOf(points: Point[], scale: Scale): Bubble[] {
  const most = Math.max(1, ...points.map((point) => point.estimated_revenue ?? 0));
  return points
    .map((point) => ({
      point,
      x: scale.x(point.days_until_close),
      y: scale.y(point.health_score ?? 0),
      radius: point.estimated_revenue ? Math.max(RADIUS_MIN, Math.sqrt(point.estimated_revenue / most) * RADIUS_MAX) : RADIUS_MIN,
    }))
    .sort((a, b) => b.radius - a.radius || a.point.id.localeCompare(b.point.id));
}

/** Round steps of an axis: five or six of them. */
export function ticksOf(days: number): number[] {
  const step = [5, 7, 10, 14, 20, 30, 60, 90, 120, 180, 365].find((candidate) => days / candidate <= 6) ?? Math.ceil(days / 6);
  return Array.from({ length: Math.floor(days / step) + 1 }, (_, i) => i * step);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
