import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type TenantPermissions = Body<"TenantPermissionsBody">;
export type MailboxProbe = Body<"MailboxProbeBody">;

/** What each tenant of Microsoft 365 permits, for whoever may consent. */
export function permissionsQuery() {
  return queryOptions({
    queryKey: ["permissions"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/permissions", { signal })),
  });
}

export function checkPermissions(connector: string): Promise<TenantPermissions> {
  return dataOf(api.POST("/api/v1/permissions/{connector}/check", { params: { path: { connector } } }));
}

export function probeMailbox(connector: string, mailbox: string): Promise<MailboxProbe> {
  return dataOf(api.POST("/api/v1/permissions/{connector}/probe", { params: { path: { connector } }, body: { mailbox } }));
}

/** From where a tenant administrator is sent to Microsoft, and comes back to the request for consent. */
export function consentAtMicrosoftAddress(connector: string): string {
  return `/api/v1/permissions/${encodeURIComponent(connector)}/consent`;
}
