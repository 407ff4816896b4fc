import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answerOf, api, dataOf, type Body } from "./client.ts";
import type { Kind, Table } from "./words.ts";

export type TimelineItem = Body<"TimelineItemBody">;
export type Activity = Body<"CrmActivityBody">;

const PAGE_ROWS = 30;

/** The interactions of a record, newest first, page by page. */
export function timelineQuery(table: Table, id: string, asOf: string | undefined, kind: Kind | undefined) {
  return infiniteQueryOptions({
    queryKey: ["timeline", table, id, asOf, kind],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET("/api/v1/{table}/{id}/interactions", {
          params: { path: { table, id }, query: { as_of: asOf, kind, limit: PAGE_ROWS, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** What is open and scheduled, soonest first. */
export function upcomingQuery(table: Table, id: string, asOf: string | undefined) {
  return queryOptions({
    queryKey: ["upcoming", table, id, asOf],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/{table}/{id}/interactions", {
          params: { path: { table, id }, query: { as_of: asOf, state: "upcoming", limit: PAGE_ROWS } },
          signal,
        }),
      ),
  });
}

export function createActivity(activity: Activity, key: string): Promise<Activity> {
  return dataOf(api.POST("/api/v1/activities", { params: { header: { "Idempotency-Key": key } }, body: activity }));
}

/** Changes an activity, from what it is now. */
export async function changeActivity(id: string, changed: Partial<Activity>): Promise<Activity> {
  const { data, response } = await answerOf(api.GET("/api/v1/activities/{id}", { params: { path: { id } } }));
  const tag = response.headers.get("etag");
  return dataOf(
    api.PUT("/api/v1/activities/{id}", {
      params: { path: { id }, header: tag ? { "If-Match": tag } : {} },
      body: { ...data, ...changed },
    }),
  );
}
