import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Mailbox = Body<"CapturedMailboxBody">;
export type Connector = Body<"ConnectorBody">;
export type ConnectorSettings = Body<"ConnectorSettings">;
export type ConnectorKind = ConnectorSettings["kind"];
export type Counts = Body<"CaptureCountsBody">;
export type MailboxChange = Partial<Body<"MailboxChangeBody">>;
export type MicrosoftCloud = Body<"MicrosoftCloud">;
export type OAuthService = Body<"OAuthService">;

/** While history is read its progress is asked for this often. */
const PROGRESS_MS = 5_000;
/** Half an hour of that; a page that is left open asks seldom afterwards. */
const PROGRESS_ANSWERS_MAX = 360;
/** Otherwise this often, so that "a minute ago" stays true. */
const IDLE_MS = 60_000;

function isReadingHistory({ mailboxes }: Connector): boolean {
  return mailboxes.some(({ state }) => state === "history");
}

/** Connectors with how capture of each mailbox stands; asked again while history is read. */
export function connectorsQuery() {
  return queryOptions({
    queryKey: ["connectors"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/connectors", { signal })),
    refetchInterval: ({ state }) =>
      state.dataUpdateCount < PROGRESS_ANSWERS_MAX && state.data?.items.some(isReadingHistory) ? PROGRESS_MS : IDLE_MS,
  });
}

export function putConnector(id: string, settings: ConnectorSettings, secrets: Record<string, string>): Promise<Connector> {
  return dataOf(api.PUT("/api/v1/connectors/{id}", { params: { path: { id } }, body: { settings, secrets } }));
}

export async function deleteConnector(id: string): Promise<void> {
  await dataOf(api.DELETE("/api/v1/connectors/{id}", { params: { path: { id } } }));
}

export function pauseConnector(id: string, paused: boolean): Promise<Connector> {
  return dataOf(api.PUT("/api/v1/connectors/{id}/paused", { params: { path: { id } }, body: { paused } }));
}

export function changeMailbox(id: string, address: string, change: MailboxChange): Promise<Connector> {
  const path = { id, address };
  // What is left out stays as it is; the types made from the document know no default of a body.
  const body = { restart: false, ...change };
  return dataOf(api.PUT("/api/v1/connectors/{id}/mailboxes/{address}", { params: { path }, body }));
}
