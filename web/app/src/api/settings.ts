import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Setting = Body<"SettingBody">;
export type Import = Body<"ImportBody">;

export function settingsQuery() {
  return queryOptions({ queryKey: ["settings"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/settings", { signal })) });
}

export function putSetting(key: string, value: string) {
  return dataOf(api.PUT("/api/v1/settings/{key}", { params: { path: { key } }, body: { value } }));
}

const IMPORTS = 20;

/** The newest imports, those of the command line too. */
export function importsQuery() {
  return queryOptions({
    queryKey: ["imports"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/imports", { params: { query: { limit: IMPORTS } }, signal })),
  });
}

export type HealthDistribution = Body<"HealthDistributionBody">;

/** How the scores of open records are spread now. */
export function distributionQuery() {
  return queryOptions({
    queryKey: ["health-distribution"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/health-distribution", { signal })),
  });
}
