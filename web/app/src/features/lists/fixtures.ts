import type { ListItem, Point } from "@/api/lists.ts";

const AS_OF = "2026-11-24T12:00:00Z";

/** One row of a list as the server answers it. */
export function aRow(changes: Partial<ListItem> = {}): ListItem {
  return {
    id: "o1",
    name: "Pumps",
    health_state: "fair",
    health_score: 55,
    health_trend: "declining",
    rollup: false,
    new_relationship: false,
    time_spent_by_us_min: 451,
    time_spent_by_them_min: 366,
    interactions: 100,
    emails_sent: 66,
    emails_received: 32,
    meetings_sent: 2,
    meetings_received: 0,
    phone_calls_made: 0,
    phone_calls_received: 0,
    account: "Acme",
    owner_name: "Ann Vos",
    estimated_revenue: 12500,
    currency: "EUR",
    status: "open",
    updated_at: AS_OF,
    ...changes,
  };
}

export function aPage(items: ListItem[]) {
  return { items, total: items.length, as_of: AS_OF, next_cursor: null };
}

export function aPoint(changes: Partial<Point> = {}): Point {
  return {
    id: "o1",
    name: "Pumps",
    account: "Acme",
    days_until_close: 10,
    estimated_close: "2026-12-04T00:00:00Z",
    estimated_revenue: 12500,
    currency: "EUR",
    health_state: "fair",
    health_score: 55,
    health_trend: "declining",
    ...changes,
  };
}

export function aPipeline(points: Point[], past = 0, none = 0) {
  return { as_of: AS_OF, points, omitted: 0, not_shown: { past_close_date: past, no_close_date: none } };
}
