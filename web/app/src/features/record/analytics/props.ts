import type { Insights, SimilarDeals } from "@/api/insights.ts";

/** What every widget gets: the record's figures, once they are here. */
export interface WidgetProps {
  insights: Insights | undefined;
  asOf: string | null;
}

/** Widgets that compare with similar won deals where there are any. */
export interface ComparedProps extends WidgetProps {
  similar: SimilarDeals | undefined;
}

/** One side of the relationship. */
export type Side = "us" | "them";

/** The average of a KPI over similar won deals, if there are any. */
export function wonAverage(similar: SimilarDeals | undefined, kpi: string): number | null {
  return similar && similar.deals.length > 0 ? (similar.comparison[kpi]?.average ?? null) : null;
}
