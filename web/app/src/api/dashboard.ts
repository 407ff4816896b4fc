import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";
import type { View } from "./lists.ts";

export type Dashboard = Body<"DashboardBody">;
export type NamedRelationship = Body<"NamedBody">;
export type NextInteraction = Body<"NextBody">;

/** What of somebody's relationships asks for attention now. */
export function dashboardQuery(view: View, viewer: string | null) {
  return queryOptions({
    queryKey: ["dashboard", view, viewer],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/dashboard", {
          params: { query: { view, viewer: view === "all" ? undefined : (viewer ?? undefined) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
