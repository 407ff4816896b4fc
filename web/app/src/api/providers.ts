import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type ProviderSettings = Body<"ProviderSettingsBody">;
export type NewProvider = Body<"NewProviderBody">;

/** OpenID providers as administrators see them. */
export function providersQuery() {
  return queryOptions({ queryKey: ["providers"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/providers", { signal })) });
}

export function putProvider(id: string, provider: NewProvider): Promise<ProviderSettings> {
  return dataOf(api.PUT("/api/v1/providers/{id}", { params: { path: { id } }, body: provider }));
}

export async function deleteProvider(id: string): Promise<void> {
  await dataOf(api.DELETE("/api/v1/providers/{id}", { params: { path: { id } } }));
}
