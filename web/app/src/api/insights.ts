import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Language } from "@/i18n/l10n.ts";
import { api, dataOf, type Body } from "./client.ts";
import type { Table } from "./words.ts";

export type Insights = Body<"RecordInsightsBody">;
export type Health = Body<"HealthBody">;
export type Contacted = Body<"ContactedBody">;
export type Occurrence = Body<"OccurrenceBody">;
export type ResponseTime = Body<"ResponseTimeBody">;
export type SimilarDeals = Body<"SimilarDealsBody">;

/** All figures of a record as of a moment; now if absent. */
export function insightsQuery(table: Table, id: string, asOf: string | undefined, language: Language) {
  return queryOptions({
    queryKey: ["insights", table, id, asOf, language],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/{table}/{id}/insights", { params: { path: { table, id }, query: { as_of: asOf, language } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The score of each of the last days. */
export function historyQuery(table: Table, id: string, asOf: string | undefined, days: number) {
  return queryOptions({
    queryKey: ["history", table, id, asOf, days],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/{table}/{id}/history", { params: { path: { table, id }, query: { as_of: asOf, days } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** Won deals that resemble an opportunity. */
export function similarQuery(id: string, asOf: string | undefined) {
  return queryOptions({
    queryKey: ["similar", id, asOf],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/opportunities/{id}/similar", { params: { path: { id }, query: { as_of: asOf } }, signal })),
    placeholderData: keepPreviousData,
  });
}
