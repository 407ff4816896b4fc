import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

// The document has two bodies of one name, and keeps that of enabling: what a mailbox of a connector is stands here until they differ.
export interface Mailbox {
  address: string;
  name: string;
  /** `not_allowed`, `paused`, `failing`, `waiting`, `history` or `current`. */
  state: string;
  has_login: boolean;
  history_share: number;
  history_left_s?: number | null;
  succeeded_at?: string | null;
  lag_s?: number | null;
  failure?: Body<"FailureBody"> | null;
  due_at: string;
  /** Null in works council mode. */
  counts?: Counts | null;
}
export type Connector = Omit<Body<"ConnectorBody">, "mailboxes"> & { mailboxes: Mailbox[] };
export type ConnectorSettings = Body<"ConnectorSettings">;
export type ConnectorKind = ConnectorSettings["kind"];
export type Counts = Body<"CountsBody">;
export type MailboxChange = Partial<Body<"MailboxChangeBody">>;
export type MicrosoftCloud = Body<"MicrosoftCloud">;

/** While history is read its progress is asked for this often. */
const PROGRESS_MS = 5_000;
/** Half an hour of that; a page that is left open asks seldom afterwards. */
const PROGRESS_ANSWERS_MAX = 360;
/** Otherwise this often, so that "a minute ago" stays true. */
const IDLE_MS = 60_000;

/** An answer as it is, rather than as the document says. */
async function told<Told>(answer: Promise<unknown>): Promise<Told> {
  return (await answer) as Told;
}

function isReadingHistory({ mailboxes }: Connector): boolean {
  return mailboxes.some(({ state }) => state === "history");
}

/** Connectors with how capture of each mailbox stands; asked again while history is read. */
export function connectorsQuery() {
  return queryOptions({
    queryKey: ["connectors"],
    queryFn: ({ signal }) => told<{ items: Connector[] }>(dataOf(api.GET("/api/v1/connectors", { signal }))),
    refetchInterval: ({ state }) =>
      state.dataUpdateCount < PROGRESS_ANSWERS_MAX && state.data?.items.some(isReadingHistory) ? PROGRESS_MS : IDLE_MS,
  });
}

export function putConnector(id: string, settings: ConnectorSettings, secrets: Record<string, string>): Promise<Connector> {
  return told(dataOf(api.PUT("/api/v1/connectors/{id}", { params: { path: { id } }, body: { settings, secrets } })));
}

export async function deleteConnector(id: string): Promise<void> {
  await dataOf(api.DELETE("/api/v1/connectors/{id}", { params: { path: { id } } }));
}

export function pauseConnector(id: string, paused: boolean): Promise<Connector> {
  return told(dataOf(api.PUT("/api/v1/connectors/{id}/paused", { params: { path: { id } }, body: { paused } })));
}

export function changeMailbox(id: string, address: string, change: MailboxChange): Promise<Connector> {
  const path = { id, address };
  // What is left out stays as it is; the types made from the document know no default of a body.
  const body = { restart: false, ...change };
  return told(dataOf(api.PUT("/api/v1/connectors/{id}/mailboxes/{address}", { params: { path }, body })));
}
