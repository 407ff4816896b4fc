import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type Me = Body<"MeBody">;
export type User = Body<"UserBody">;
export type FeatureAccess = Body<"FeatureBody">;
export type FeatureCheck = Body<"CheckBody">;
export type Role = Body<"RoleBody">;

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

/** All security roles with what they allow. */
export function rolesQuery() {
  return queryOptions({ queryKey: ["roles"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/roles", { signal })) });
}

/** Makes or changes a role of the organization. */
export async function putRole(name: string, rights: Body<"RoleRightsBody">): Promise<void> {
  await dataOf(api.PUT("/api/v1/roles/{name}", { params: { path: { name } }, body: rights }));
}

export async function deleteRole(name: string): Promise<void> {
  await dataOf(api.DELETE("/api/v1/roles/{name}", { params: { path: { name } } }));
}

export function putUser(email: string, change: Body<"UserChangeBody">): Promise<User> {
  return dataOf(api.PUT("/api/v1/users/{email}", { params: { path: { email } }, body: change }));
}

export function inviteUser(email: string): Promise<Body<"InvitationLinkBody">> {
  return dataOf(api.POST("/api/v1/users/{email}/sign-in", { params: { path: { email } } }));
}

export async function removeSignIn(email: string): Promise<void> {
  await dataOf(api.DELETE("/api/v1/users/{email}/sign-in", { params: { path: { email } } }));
}

/** Why somebody cannot see a feature. */
export function featuresQuery(user: string | null) {
  return queryOptions({
    queryKey: ["features", user],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/features", { params: { query: { user: user ?? undefined } }, signal })),
    enabled: user !== null,
  });
}

/** Records, people and users that a text finds. */
export function searchQuery(text: string, limit: number) {
  return queryOptions({
    queryKey: ["search", text, limit],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/search", { params: { query: { q: text, limit } }, signal })),
    enabled: text.trim() !== "",
  });
}
