import { queryOptions } from "@tanstack/react-query";
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

/** Who was shown what about anybody. */
export function looksQuery() {
  return queryOptions({ queryKey: ["looks"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/looks", { signal })) });
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
