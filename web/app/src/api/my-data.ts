import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type MyData = Body<"MyDataBody">;

/** What is held on the viewer. */
export function myDataQuery(viewer: string) {
  return queryOptions({
    queryKey: ["my-data", viewer],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/my-data", { params: { query: { viewer } }, signal })),
  });
}

export function putOptOut(viewer: string, isOut: boolean) {
  return dataOf(api.PUT("/api/v1/my-data/opt-out", { params: { query: { viewer } }, body: { opted_out: isOut } }));
}

export function putAskFirst(viewer: string, asksFirst: boolean) {
  return dataOf(api.PUT("/api/v1/my-data/ask-first", { params: { query: { viewer } }, body: { asks_first: asksFirst } }));
}

export type Preview = Body<"Preview">;

/** What capture would keep of a file of one's own; nothing of it is kept. */
export function previewMine(viewer: string, file: File) {
  return dataOf(
    api.POST("/api/v1/my-data/preview", {
      params: { query: { viewer, filename: file.name } },
      headers: { "content-type": "application/octet-stream" },
      body: [],
      bodySerializer: () => file,
    }),
  );
}

/** The address of everything that is held on the viewer, as a file. */
export function myDataFile(viewer: string): string {
  return `/api/v1/my-data/export?viewer=${encodeURIComponent(viewer)}`;
}
