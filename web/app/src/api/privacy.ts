import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type PrivacyRequest = Body<"PrivacyRequestBody">;
export type Look = Body<"LookBody">;
export type Form = Body<"FormBody">;

/** How often a request that is being carried out is looked at again. */
const POLL_MS = 1_000;

/** Requests of people about what is held on them. */
export function privacyRequestsQuery() {
  return queryOptions({
    queryKey: ["privacy-requests"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/privacy-requests", { signal })),
    refetchInterval: ({ state }) => (state.data?.items.some((item) => item.state === "PROCESSING") ? POLL_MS : false),
  });
}

export function createPrivacyRequest(body: Body<"NewPrivacyRequestBody">): Promise<PrivacyRequest> {
  return dataOf(api.POST("/api/v1/privacy-requests", { body }));
}

/** The address of an export. */
export function privacyRequestFile(id: number): string {
  return `/api/v1/privacy-requests/${id}/file`;
}

/** The address of a document that is written from what is set and held. */
export function processingRecord(document: "record" | "impact", language: string, format: "markdown" | "pdf"): string {
  return `/api/v1/processing-record?document=${document}&language=${language}&format=${format}`;
}

/** Looks of one page. */
const LOOKS = 200;

/** Who was shown what about anybody, or about one employee, page by page. */
export function looksQuery(about: string | null) {
  return infiniteQueryOptions({
    queryKey: ["looks", about],
    queryFn: ({ pageParam, signal }) => {
      const query = { about: about ?? undefined, limit: LOOKS, cursor: pageParam ?? undefined };
      return dataOf(api.GET("/api/v1/looks", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** The address of the whole access log as a file. */
export function looksFile(about: string | null): string {
  return `/api/v1/looks/export${about === null ? "" : `?about=${encodeURIComponent(about)}`}`;
}

/** How many objections are kept; of whom, nobody can read. */
export function objectionsQuery() {
  return queryOptions({ queryKey: ["objections"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/objections", { signal })) });
}

/** Whether the person of an address objects. */
export function checkObjection(address: string): Promise<Body<"ObjectionBody">> {
  return dataOf(api.POST("/api/v1/objections/check", { body: { address } }));
}

/** Keeps the objection of the person of an address, or lifts it. */
export function putObjection(address: string, objects: boolean): Promise<Body<"ObjectionBody">> {
  return dataOf(api.PUT("/api/v1/objections", { body: { address, objects } }));
}

/** Who was shown what about the viewer. */
export function myLooksQuery(viewer: string) {
  return queryOptions({
    queryKey: ["my-looks", viewer],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/my-data/looks", { params: { query: { viewer } }, signal })),
  });
}

/** What the viewer keeps to themselves. */
export function privateContactsQuery(viewer: string) {
  return queryOptions({
    queryKey: ["private-contacts", viewer],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/my-data/private-contacts", { params: { query: { viewer } }, signal })),
  });
}

export function putPrivateContacts(viewer: string, contacts: string[]) {
  return dataOf(api.PUT("/api/v1/my-data/private-contacts", { params: { query: { viewer } }, body: { contacts } }));
}

/** Which forms carry our widgets. */
export function formsQuery() {
  return queryOptions({ queryKey: ["forms"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/forms", { signal })) });
}

export async function deleteForm(id: number): Promise<void> {
  await dataOf(api.DELETE("/api/v1/forms/{id}", { params: { path: { id } } }));
}
