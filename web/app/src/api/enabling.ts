import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Enabling = Body<"EnablingBody">;
export type ConsentAction = Body<"ConsentAction">;

/** What is switched on, for whom, and where consent stands. */
export function enablingQuery() {
  return queryOptions({ queryKey: ["enabling"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/enabling", { signal })) });
}

export function putPremium(isEnabled: boolean) {
  return dataOf(api.PUT("/api/v1/enabling/premium", { body: { is_enabled: isEnabled } }));
}

export function putEnabling(selection: Body<"SelectionBody">) {
  return dataOf(api.PUT("/api/v1/enabling", { body: selection }));
}

export function putExcludedGroups(groups: string[]) {
  return dataOf(api.PUT("/api/v1/enabling/excluded-groups", { body: { groups } }));
}

export function putLocation(location: string) {
  return dataOf(api.PUT("/api/v1/enabling/location", { body: { location } }));
}

export function postConsent(action: ConsentAction) {
  return dataOf(api.POST("/api/v1/enabling/consent", { body: action }));
}

export type ConsentRequest = Body<"ConsentRequestBody">;

export function createConsentLink(): Promise<Body<"ConsentLinkBody">> {
  return dataOf(api.POST("/api/v1/enabling/consent-link"));
}

/** What a consent link asks for; without a token, of a tenant administrator who signed in. */
export function consentRequestQuery(token: string | null) {
  return queryOptions({
    queryKey: ["asked-consent", token],
    queryFn: ({ signal }): Promise<ConsentRequest> =>
      dataOf(api.POST("/api/v1/consent-request", { body: token === null ? {} : { token }, signal })),
    retry: false,
  });
}

/** What a tenant administrator answers, without an account here. */
export function answerConsentRequest(answer: Body<"ConsentAnswer">): Promise<ConsentRequest> {
  return dataOf(api.POST("/api/v1/consent-request/answer", { body: answer }));
}

/** Where a provider lets a tenant administrator in; afterwards they are back at the request for consent. */
export function administratorAddress(provider: string): string {
  return `/api/v1/sign-in/${encodeURIComponent(provider)}?as_tenant_administrator=true`;
}
