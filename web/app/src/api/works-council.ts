import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type WorksCouncil = Body<"WorksCouncilBody">;
export type WorksCouncilAction = Body<"WorksCouncilAction">;

/** Whether works council mode is on, and who must agree before it is turned off. */
export function worksCouncilQuery() {
  return queryOptions({
    queryKey: ["works-council"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/works-council", { signal })),
  });
}

export function postWorksCouncil(action: WorksCouncilAction): Promise<WorksCouncil> {
  return dataOf(api.POST("/api/v1/works-council", { body: action }));
}
