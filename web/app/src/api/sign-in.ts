import { queryOptions } from "@tanstack/react-query";
import { api, dataOf, type Body } from "./client.ts";

export type SignIn = Body<"SignInBody">;
export type Session = Body<"SessionBody">;

/** How one signs in here, and who is signed in. */
export function signInQuery() {
  return queryOptions({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/sign-in", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export async function signIn(email: string, password: string): Promise<void> {
  await dataOf(api.POST("/api/v1/sign-in", { body: { email, password } }));
}

/** Where a provider lets people in; afterwards they are back where they are now. */
export function providerAddress(id: string, here: Location): string {
  const isBack = new URLSearchParams(here.search).has("sign_in");
  const to = isBack ? "/" : `${here.pathname}${here.search}`;
  return `/api/v1/sign-in/${encodeURIComponent(id)}?return_to=${encodeURIComponent(to)}`;
}

export async function signOut(): Promise<void> {
  await dataOf(api.POST("/api/v1/sign-out"));
}

/** What a link to choose a password is for. */
export function invitationQuery(token: string) {
  return queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => dataOf(api.POST("/api/v1/invitation", { body: { token } })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export async function choosePassword(chosen: Body<"ChosenPasswordBody">): Promise<void> {
  await dataOf(api.POST("/api/v1/invitation/password", { body: chosen }));
}

export async function changePassword(current: string, changed: string): Promise<void> {
  await dataOf(api.PUT("/api/v1/me/password", { body: { current, new: changed } }));
}

/** Where one is signed in. */
export function sessionsQuery() {
  return queryOptions({ queryKey: ["sessions"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/sessions", { signal })) });
}

export async function endSession(id: number): Promise<void> {
  await dataOf(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } }));
}

/** Programs that act for whoever is signed in. */
export function tokensQuery() {
  return queryOptions({ queryKey: ["tokens"], queryFn: ({ signal }) => dataOf(api.GET("/api/v1/tokens", { signal })) });
}

export function createToken(token: Body<"NewTokenBody">): Promise<Body<"MadeTokenBody">> {
  return dataOf(api.POST("/api/v1/tokens", { body: token }));
}

export async function deleteToken(id: number): Promise<void> {
  await dataOf(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } }));
}
