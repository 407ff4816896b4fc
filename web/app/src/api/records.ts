import { queryOptions } from "@tanstack/react-query";
import { answerOf, api, dataOf, type Body } from "./client.ts";
import type { Table } from "./words.ts";

export type RecordData = Body<"RecordBody">;

/** A record with the tag that names this state of it. */
export interface TaggedRecord {
  record: RecordData;
  tag: string | null;
}

export function recordQuery(table: Table, id: string) {
  return queryOptions({
    queryKey: ["record", table, id],
    queryFn: async ({ signal }): Promise<TaggedRecord> => {
      const { data, response } = await answerOf(api.GET("/api/v1/{table}/{id}", { params: { path: { table, id } }, signal }));
      return { record: data, tag: response.headers.get("etag") };
    },
  });
}

/** Records of a table whose name, account or address contains a text, for look-ups. */
export function lookupQuery(table: Table, text: string) {
  return queryOptions({
    queryKey: ["lookup", table, text],
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/{table}", { params: { path: { table }, query: { q: text, limit: 10 } }, signal })),
    enabled: text.trim() !== "",
  });
}

/** A create that may be sent twice is one: its key travels with it. */
export function createRecord(table: Table, record: RecordData, key: string): Promise<RecordData> {
  return dataOf(api.POST("/api/v1/{table}", { params: { path: { table }, header: { "Idempotency-Key": key } }, body: record }));
}

/** Replaces a record unless somebody changed it since it was read. */
export function putRecord(table: Table, id: string, record: RecordData, tag: string | null): Promise<RecordData> {
  return dataOf(
    api.PUT("/api/v1/{table}/{id}", { params: { path: { table, id }, header: tag ? { "If-Match": tag } : {} }, body: record }),
  );
}
