import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type AuditEntry = Body<"AuditEntryBody">;
export type AuditCheck = Body<"AuditCheckBody">;

const PAGE_ROWS = 50;

/** Who did what when, from the newest. */
export function auditQuery() {
  return infiniteQueryOptions({
    queryKey: ["audit"],
    queryFn: ({ signal, pageParam }) =>
      dataOf(api.GET("/api/v1/audit", { params: { query: { limit: PAGE_ROWS, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** Whether nothing was changed; `noted` is an entry as somebody wrote it down. */
export function auditCheckQuery(noted: string | undefined) {
  return queryOptions({
    queryKey: ["audit", "check", noted],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/audit/check", { params: { query: { noted } }, signal })),
    retry: false,
  });
}

/** The address of the whole log as a file. */
export function auditFile(format: "csv" | "jsonl"): string {
  return `/api/v1/audit/export?format=${format}`;
}
