import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Me = Body<"MeBody">;
export type User = Body<"UserBody">;

/** Who looks, and at what. */
export function meQuery(viewer: string | null) {
  return queryOptions({
    queryKey: ["me", viewer],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/me", { params: { query: { viewer: viewer ?? undefined } }, signal })),
  });
}

/** All users, by name. */
export function usersQuery() {
  return queryOptions({ queryKey: ["users"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/users", { signal })) });
}

/** Records, people and users that a text finds. */
export function searchQuery(text: string, limit: number) {
  return queryOptions({
    queryKey: ["search", text, limit],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/search", { params: { query: { q: text, limit } }, signal })),
    enabled: text.trim() !== "",
  });
}
