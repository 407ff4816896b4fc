import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Setting = Body<"SettingBody">;

export function settingsQuery() {
  return queryOptions({ queryKey: ["settings"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/settings", { signal })) });
}

export function putSetting(key: string, value: string) {
  return dataOf(api.PUT("/api/v1/settings/{key}", { params: { path: { key } }, body: { value } }));
}

export type HealthDistribution = Body<"HealthDistributionBody">;

/** How the scores of open records are spread now. */
export function distributionQuery() {
  return queryOptions({
    queryKey: ["health-distribution"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/health-distribution", { signal })),
  });
}
