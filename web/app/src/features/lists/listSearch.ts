import type { Condition, ListQuery, Op, OpenState, Order, View } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";

/** The state of a list as its URL holds it; what is absent is as usual. */
export interface ListSearch {
  view?: View;
  state?: OpenState;
  sort?: string;
  order?: Order;
  q?: string;
  filter?: Condition[];
  columns?: string[];
  chart?: boolean;
  /** The saved view that this began as. */
  saved?: number;
}

const VIEWS: readonly View[] = ["my", "team", "all"];
const STATES: readonly OpenState[] = ["open", "closed", "all"];
const OPS: readonly Op[] = ["is", "contains", "in", "ge", "le", "le_or_empty", "empty", "not_empty"];

/** Reads the URL; whatever makes no sense is left out. */
export function listSearch(search: Record<string, unknown>): ListSearch {
  const { sort, order, q, filter, columns, chart, saved } = search;
  const read: ListSearch = {
    view: VIEWS.find((known) => known === search.view),
    state: STATES.find((known) => known === search.state),
    sort: typeof sort === "string" ? sort : undefined,
    order: order === "desc" || order === "asc" ? order : undefined,
    // A number that was typed into the box comes back from the URL as one.
    q: typeof q === "string" || typeof q === "number" ? String(q) || undefined : undefined,
    filter: Array.isArray(filter) ? nonEmpty(filter.flatMap(condition)) : undefined,
    columns: Array.isArray(columns) ? nonEmpty(columns.filter((name) => typeof name === "string")) : undefined,
    chart: chart === true ? true : undefined,
    saved: typeof saved === "number" ? saved : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function condition(read: unknown): Condition[] {
  if (typeof read !== "object" || read === null) return [];
  const { column, op, value } = read as Record<string, unknown>;
  const known = OPS.find((candidate) => candidate === op);
  if (typeof column !== "string" || !known) return [];
  if (typeof value === "string" || typeof value === "number") return [{ column, op: known, value }];
  if (Array.isArray(value)) return [{ column, op: known, value: value.filter((item) => typeof item === "string") }];
  return value === undefined ? [{ column, op: known }] : [];
}

function nonEmpty<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined;
}

/** What the server is asked, with all that the URL leaves out. */
export function listQuery(table: Table, search: ListSearch, viewer: string | null): ListQuery {
  const view = search.view ?? usualView(viewer);
  return {
    view,
    viewer: view === "all" ? undefined : (viewer ?? undefined),
    state: search.state ?? usualState(table),
    sort: search.sort ?? "name",
    order: search.order ?? "asc",
    q: search.q,
    filter: search.filter ?? [],
  };
}

/** One's own, as soon as it is known who looks. */
export function usualView(viewer: string | null): View {
  return viewer ? "my" : "all";
}

/** Leads and opportunities end; contacts and accounts do not. */
export function usualState(table: Table): OpenState {
  return table === "leads" || table === "opportunities" ? "open" : "all";
}
