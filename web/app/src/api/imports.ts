import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Import = Body<"ImportBody">;
export type ImportReport = Body<"ImportReport">;

/** What a file can hold. */
export const IMPORT_KINDS = [
  "users",
  "accounts",
  "contacts",
  "leads",
  "opportunities",
  "activities",
  "mail",
  "calendar",
  "interactions",
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Kinds that are read only after consent. */
export const MAILBOX_KINDS: readonly ImportKind[] = ["mail", "calendar", "interactions"];

const IMPORTS = 20;
const POLL_MS = 1_000;

function isUnderWay({ state }: Import): boolean {
  return state === "queued" || state === "running";
}

/** The newest imports, those of the command line too; asked again while one is under way. */
export function importsQuery() {
  return queryOptions({
    queryKey: ["imports"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/imports", { params: { query: { limit: IMPORTS } }, signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? POLL_MS : false),
  });
}

interface Upload {
  kind: ImportKind;
  file: File;
  /** Whose mailbox it is. */
  mailbox?: string;
  /** What was agreed to, where consent is still missing. */
  consent?: string;
}

/** Hands a file over; the answer comes once it waits for its turn. */
export function upload({ kind, file, mailbox, consent }: Upload): Promise<Import> {
  return dataOf(
    api.POST(`/api/v1/imports/${kind}` as "/api/v1/imports/mail", {
      params: { query: { filename: file.name, mailbox, consent } },
      headers: { "content-type": "application/octet-stream" },
      body: "",
      bodySerializer: () => file,
    }),
  );
}
