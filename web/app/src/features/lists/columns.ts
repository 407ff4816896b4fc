import type { ListItem } from "@/api/lists.ts";
import type { Table } from "@/api/words.ts";
import type { MessageId } from "@/i18n/message-ids";

/** How a column is written and filtered. */
export type ColumnKind =
  "text" | "status" | "health" | "trend" | "kind" | "number" | "share" | "money" | "hours" | "minutes" | "date" | "moment";

/** One column of the lists. */
export interface ListColumn {
  name: Exclude<keyof ListItem, "rollup" | "new_relationship">;
  label: MessageId;
  kind: ColumnKind;
  /** Pixels. */
  width: number;
  /** Tables that have it. */
  tables: readonly Table[];
  /** Tables that show it until somebody chooses. */
  shown: readonly Table[];
}

const ALL: readonly Table[] = ["accounts", "contacts", "leads", "opportunities"];
const DEALS: readonly Table[] = ["opportunities"];
const NONE: readonly Table[] = [];

/** All columns, in the order in which they stand until somebody chooses. */
const COLUMNS: readonly ListColumn[] = [
  { name: "name", label: "column-name", kind: "text", width: 260, tables: ALL, shown: ALL },
  { name: "estimated_revenue", label: "column-estimated-revenue", kind: "money", width: 130, tables: DEALS, shown: DEALS },
  { name: "health_state", label: "column-health-state", kind: "health", width: 190, tables: ALL, shown: ALL },
  { name: "health_trend", label: "column-health-trend", kind: "trend", width: 170, tables: ALL, shown: ALL },
  {
    name: "account",
    label: "column-account",
    kind: "text",
    width: 200,
    tables: ["contacts", "opportunities"],
    shown: ["contacts", "opportunities"],
  },
  { name: "company", label: "column-company", kind: "text", width: 180, tables: ["leads"], shown: ["leads"] },
  { name: "time_spent_by_us_min", label: "column-time-spent-by-us", kind: "minutes", width: 150, tables: ALL, shown: ALL },
  { name: "time_spent_by_them_min", label: "column-time-spent-by-them", kind: "minutes", width: 150, tables: ALL, shown: ALL },
  { name: "last_at", label: "column-last", kind: "moment", width: 170, tables: ALL, shown: ALL },
  { name: "next_at", label: "column-next", kind: "moment", width: 170, tables: ALL, shown: ALL },
  { name: "estimated_close", label: "column-estimated-close", kind: "date", width: 140, tables: DEALS, shown: DEALS },
  { name: "owner_name", label: "column-owner", kind: "text", width: 170, tables: ALL, shown: ALL },
  { name: "updated_at", label: "column-updated", kind: "moment", width: 170, tables: ALL, shown: ALL },
  { name: "health_score", label: "column-health-score", kind: "number", width: 110, tables: ALL, shown: NONE },
  { name: "likelihood_30d", label: "column-likelihood", kind: "share", width: 150, tables: ALL, shown: NONE },
  { name: "silence_surprise", label: "column-silence", kind: "share", width: 150, tables: ALL, shown: NONE },
  { name: "interactions", label: "column-interactions", kind: "number", width: 120, tables: ALL, shown: NONE },
  { name: "emails_sent", label: "column-emails-sent", kind: "number", width: 120, tables: ALL, shown: NONE },
  { name: "emails_received", label: "column-emails-received", kind: "number", width: 130, tables: ALL, shown: NONE },
  { name: "meetings_sent", label: "column-meetings-sent", kind: "number", width: 130, tables: ALL, shown: NONE },
  { name: "meetings_received", label: "column-meetings-received", kind: "number", width: 140, tables: ALL, shown: NONE },
  { name: "phone_calls_made", label: "column-calls-made", kind: "number", width: 140, tables: ALL, shown: NONE },
  { name: "phone_calls_received", label: "column-calls-received", kind: "number", width: 150, tables: ALL, shown: NONE },
  { name: "response_time_by_us_h", label: "column-response-by-us", kind: "hours", width: 160, tables: ALL, shown: NONE },
  { name: "response_time_by_them_h", label: "column-response-by-them", kind: "hours", width: 160, tables: ALL, shown: NONE },
  { name: "status", label: "column-status", kind: "status", width: 120, tables: ["leads", "opportunities"], shown: NONE },
  { name: "email", label: "column-email", kind: "text", width: 220, tables: ["contacts", "leads"], shown: NONE },
  { name: "title", label: "column-title", kind: "text", width: 160, tables: ["contacts"], shown: NONE },
  { name: "owner", label: "column-owner-email", kind: "text", width: 220, tables: ALL, shown: NONE },
  { name: "last_kind", label: "column-last-kind", kind: "kind", width: 140, tables: ALL, shown: NONE },
  { name: "next_kind", label: "column-next-kind", kind: "kind", width: 140, tables: ALL, shown: NONE },
  { name: "currency", label: "column-currency", kind: "text", width: 100, tables: DEALS, shown: NONE },
  { name: "created_at", label: "column-created", kind: "date", width: 130, tables: ["leads", "opportunities"], shown: NONE },
  { name: "closed_at", label: "column-closed", kind: "date", width: 130, tables: DEALS, shown: NONE },
  { name: "id", label: "column-id", kind: "text", width: 120, tables: ALL, shown: NONE },
];

/** Columns that pages without health do not have. */
const OF_HEALTH: readonly ListColumn["name"][] = [
  "health_state",
  "health_trend",
  "health_score",
  "likelihood_30d",
  "silence_surprise",
];

/** Columns that the server sorts and filters under another name than they are shown by. */
const SORTED_BY: Partial<Record<ListColumn["name"], string>> = { health_state: "health_score" };

/** The column of the server that orders this one: health by its score. */
export function sortName(column: ListColumn): string {
  return SORTED_BY[column.name] ?? column.name;
}

export function columnsOf(table: Table, showsHealth = true): ListColumn[] {
  return COLUMNS.filter((column) => column.tables.includes(table) && (showsHealth || !OF_HEALTH.includes(column.name)));
}

/** The columns that a list shows: those that were chosen, in their order, else the usual ones. The name always comes first. */
export function shownColumns(table: Table, chosen: readonly string[] | undefined, showsHealth = true): ListColumn[] {
  const all = columnsOf(table, showsHealth);
  const picked = chosen
    ? chosen.flatMap((name) => all.filter((column) => column.name === name))
    : all.filter((column) => column.shown.includes(table));
  const name = all.filter((column) => column.name === "name");
  return [...name, ...picked.filter((column) => column.name !== "name")];
}
