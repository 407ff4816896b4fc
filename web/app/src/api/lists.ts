import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";
import type { Table } from "./words.ts";

export type ListItem = Body<"ListItemBody">;
export type Point = Body<"PointBody">;
export type SavedView = Body<"ListViewBody">;
export type NewSavedView = Body<"NewListViewBody">;

export type View = "my" | "team" | "all";
export type OpenState = "open" | "closed" | "all";
export type Order = "asc" | "desc";
export type Op = "is" | "contains" | "in" | "ge" | "le" | "le_or_empty" | "empty" | "not_empty";

/** One condition of a filter. */
export interface Condition {
  column: string;
  op: Op;
  value?: string | number | string[];
}

/** Which rows, in which order. */
export interface ListQuery {
  view: View;
  viewer?: string;
  state: OpenState;
  sort: string;
  order: Order;
  q?: string;
  filter: Condition[];
}

/** Rows that are asked for at once while scrolling. */
export const BLOCK_ROWS = 100;

function parameters({ filter, ...query }: ListQuery) {
  return { ...query, filter: filter.length > 0 ? JSON.stringify(filter) : undefined };
}

/** One block of a list's rows. */
export function listBlockQuery(table: Table, query: ListQuery, block: number) {
  return queryOptions({
    queryKey: ["list", table, query, block],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET("/api/v1/{table}", {
          params: { path: { table }, query: { ...parameters(query), offset: block * BLOCK_ROWS, limit: BLOCK_ROWS } },
          signal,
        }),
      ),
    placeholderData: block === 0 ? keepPreviousData : undefined,
  });
}

export function pipelineQuery(query: ListQuery) {
  // Bubbles are in no order, and only open opportunities have one.
  const { view, viewer, q, filter: conditions } = parameters(query);
  const filter = { view, viewer, q, filter: conditions };
  return queryOptions({
    queryKey: ["pipeline", filter],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/pipeline", { params: { query: filter }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The address of a list as a file. */
export function exportUrl(table: Table, query: ListQuery, columns: string[], format: "csv" | "xlsx", language: string): string {
  const all = { ...parameters(query), columns: columns.join(","), format, language };
  const search = new URLSearchParams(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return `/api/v1/exports/${table}?${search.toString()}`;
}

export function savedViewsQuery(viewer: string | null) {
  return queryOptions({
    queryKey: ["list-views", viewer],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/list-views", { params: { query: { viewer: viewer ?? "" } }, signal })),
    enabled: viewer !== null,
  });
}

export async function saveView(viewer: string, id: number | null, view: NewSavedView): Promise<SavedView> {
  if (id === null) return dataOf(api.POST("/api/v1/list-views", { params: { query: { viewer } }, body: view }));
  return dataOf(api.PUT("/api/v1/list-views/{id}", { params: { path: { id }, query: { viewer } }, body: view }));
}

export async function deleteView(viewer: string, id: number): Promise<void> {
  await dataOf(api.DELETE("/api/v1/list-views/{id}", { params: { path: { id }, query: { viewer } } }));
}
