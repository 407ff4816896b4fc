import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ConsentRequestPage } from "./ConsentRequestPage.tsx";

const PATH = "/api/v1/consent-request";
const ASKED = {
  organization: "Acme",
  state: "pending",
  deadline: "2026-12-08T09:00:00Z",
  days_left: 14,
  relationship_analytics: true,
  who_knows_whom: true,
  roles: ["Salesperson"],
  mailboxes: 12,
  users: 30,
  excluded_groups: 0,
  location: null,
  providers: [{ id: "entra", name: "Entra ID", knows_administrators: true }],
  administrator: null,
};
const ADMINISTRATOR = {
  who: "tina@us.example",
  provider: "Entra ID",
  expires_at: "2026-11-24T10:30:00Z",
  text: "",
  since: null,
  groups: [
    { name: "Board", users: 1, is_chosen: false },
    { name: "Works council", users: 2, is_chosen: true },
  ],
};
const SIGNED_IN = { ...ASKED, administrator: ADMINISTRATOR };

beforeEach(() => globalThis.history.replaceState(null, "", "/consent#x"));
afterEach(() => {
  vi.unstubAllGlobals();
  globalThis.sessionStorage.clear();
  globalThis.history.replaceState(null, "", "/");
});

test("a link shows what is asked, and where to answer: by an account where no provider says who administers the tenant", async () => {
  const requests = fakeApi({ [`POST ${PATH}`]: () => ({ ...ASKED, providers: [] }) });
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByText(/^Acme: the administrator who enabled/)).toBeTruthy();
  const fact = (name: string) => screen.getByText(name, { selector: "dt" }).nextElementSibling?.textContent;
  expect(fact("Exact permissions")).toMatch(/Calendars\.ReadBasic\.All.*Other sources: what the operator configures\./);
  expect(fact("Excluded security groups")).toBe("None");
  expect(fact("Deadline")).toMatch(/^8 Dec 2026/);
  expect(requests.map(({ body }) => body)).toEqual([{ token: "x" }]);
  expect(screen.getByText("Nobody has declared it yet")).toBeTruthy();
  expect(screen.getByText(/may technically cover all mailboxes; only the selected ones are read/)).toBeTruthy();
  expect(screen.getByText(/Test-ServicePrincipalAuthorization/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Sign in to answer" }).getAttribute("href")).toBe("/settings/consent");
  expect(screen.queryByRole("link", { name: /Entra ID/ })).toBeNull();
});

test("a tenant administrator signs in where they are known, and is back at the same request", async () => {
  const requests = fakeApi({ [`POST ${PATH}`]: () => ASKED });
  const { unmount } = renderPage(<ConsentRequestPage />);
  const link = await screen.findByRole("link", { name: "Sign in with Entra ID to answer" });
  expect(link.getAttribute("href")).toBe("/api/v1/sign-in/entra?as_tenant_administrator=true");
  expect(screen.getByText(/you need no account here/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "I have an account here" }).getAttribute("href")).toBe("/settings/consent");
  unmount();
  globalThis.history.replaceState(null, "", "/consent?sign_in=no_administrator");
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByText(/it was not said that you administer the tenant/)).toBeTruthy();
  expect(requests.map(({ body }) => body)).toEqual([{ token: "x" }, { token: "x" }]);
});

test("whoever comes back from Microsoft is told what came of it, also without a ticket", async () => {
  globalThis.history.replaceState(null, "", "/consent?permissions=failed#x");
  let request: unknown = ASKED;
  fakeApi({ [`POST ${PATH}`]: () => request, "GET /api/v1/permissions": () => ({ items: [] }) });
  const { unmount } = renderPage(<ConsentRequestPage />);
  expect(await screen.findByText(/could not be followed/)).toBeTruthy();
  unmount();
  globalThis.history.replaceState(null, "", "/consent?permissions=not_yet#x");
  request = SIGNED_IN;
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByText(/does not permit everything yet/)).toBeTruthy();
});

test("another link in the same window is another request", async () => {
  const requests = fakeApi({ [`POST ${PATH}`]: () => new FakeProblem(403, "over", "refused") });
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByRole("heading", { name: "The link is not good any more" })).toBeTruthy();
  globalThis.location.hash = "y";
  await waitFor(() => expect(requests.findLast(({ method }) => method === "POST")?.body).toEqual({ token: "y" }));
});

test("once the link is over, whoever administers the tenant still finds in, to withdraw", async () => {
  const entra = { id: "entra", name: "Entra ID", knows_administrators: true };
  fakeApi({
    [`POST ${PATH}`]: () => new FakeProblem(403, "over", "refused"),
    "GET /api/v1/sign-in": () => ({ providers: [entra, { id: "other", name: "Other", knows_administrators: false }] }),
  });
  renderPage(<ConsentRequestPage />);
  const link = await screen.findByRole("link", { name: "Sign in with Entra ID to answer" });
  expect(link.getAttribute("href")).toBe("/api/v1/sign-in/entra?as_tenant_administrator=true");
  expect(screen.queryByRole("link", { name: /Other/ })).toBeNull();
});

test.each([
  ["no_administrator", /it was not said that you administer the tenant/],
  ["refused", /Signing in was cancelled/],
  ["failed", /Try again; it has to be done within ten minutes/],
  ["unknown", /You are known there, but not here/],
])("without a link it says so, and why whoever comes back is not signed in: %s", async (why, words) => {
  globalThis.history.replaceState(null, "", `/consent?sign_in=${why}`);
  const requests = fakeApi({ [`POST ${PATH}`]: () => new FakeProblem(403, "no link", "refused") });
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByRole("heading", { name: "This page needs a link" })).toBeTruthy();
  expect(screen.getByText(words)).toBeTruthy();
  expect(requests.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([{}]);
});

test("the tenant administrator leaves groups out, grants, and withdraws", async () => {
  globalThis.history.replaceState(null, "", "/consent");
  const granted = {
    ...SIGNED_IN,
    state: "granted",
    administrator: { ...ADMINISTRATOR, text: "by the board", since: "2026-11-24T12:00:00Z" },
  };
  const answers: Record<string, unknown> = {
    exclude_groups: SIGNED_IN,
    grant: granted,
    revoke: { ...granted, state: "revoked" },
  };
  const requests = fakeApi({
    [`POST ${PATH}`]: () => SIGNED_IN,
    [`POST ${PATH}/answer`]: ({ body }) => answers[(body as { action: string }).action],
  });
  renderPage(<ConsentRequestPage />);
  expect(await screen.findByText(/Signed in as tina@us.example by Entra ID, until 24 Nov 2026/)).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Works council (2)" }).checked).toBe(true);
  expect(screen.getByText("Works council", { selector: "dd" })).toBeTruthy();
  expect(screen.queryByText(/should not be the one who consents/)).toBeNull();
  await userEvent.click(screen.getByRole("checkbox", { name: "Board (1)" }));
  const grant = screen.getByRole("button", { name: "Grant" });
  expect(grant.hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: /What is agreed to/ }), "by the board");
  await userEvent.click(grant);
  expect(await screen.findByText(/Granted on 24 Nov 2026.*: by the board/)).toBeTruthy();
  const withdraw = screen.getByRole("button", { name: "Withdraw" });
  expect(withdraw.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: "I want mailbox data to be deleted" }));
  await userEvent.click(withdraw);
  expect(await screen.findByText("Nobody is asking for consent now.")).toBeTruthy();
  expect(requests.filter(({ path }) => path.endsWith("/answer")).map(({ body }) => body)).toEqual([
    { action: "exclude_groups", groups: ["Works council", "Board"] },
    { action: "grant", text: "by the board" },
    { action: "revoke" },
  ]);
});

test("whoever signed in too long ago does so again, and keeps what they wrote; a refusal says why", async () => {
  let problem = new FakeProblem(401, "sign in first", "signed_out");
  fakeApi({ [`POST ${PATH}`]: () => SIGNED_IN, [`POST ${PATH}/answer`]: () => problem });
  renderPage(<ConsentRequestPage />);
  const text = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /What is agreed to/ });
  await userEvent.type(text, "by the board");
  await userEvent.click(screen.getByRole("button", { name: "Grant" }));
  expect(await screen.findByText("Sign in again to answer")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Sign in with Entra ID to answer" })).toBeTruthy();
  expect(text.value).toBe("by the board");
  problem = new FakeProblem(403, "the data may not be used where it lies");
  await userEvent.click(screen.getByRole("button", { name: "Decline" }));
  expect(await screen.findByText("the data may not be used where it lies")).toBeTruthy();
  expect(screen.queryByText("Sign in again to answer")).toBeNull();
});

test("signing out forgets everything that was shown", async () => {
  const reload = vi.fn();
  vi.stubGlobal("location", { hash: "#x", search: "", origin: "http://localhost", reload });
  const requests = fakeApi({ [`POST ${PATH}`]: () => SIGNED_IN, "POST /api/v1/sign-out": () => ({}) });
  renderPage(<ConsentRequestPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  await waitFor(() => expect(reload).toHaveBeenCalledOnce());
  expect(requests.at(-1)?.path).toBe("/api/v1/sign-out");
});

test("what came of it is told without an account too, and a problem with a way to try again", async () => {
  let answer: unknown = new FakeProblem(500, "no disk");
  fakeApi({ [`POST ${PATH}`]: () => answer });
  renderPage(<ConsentRequestPage />, { language: "nl" });
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  answer = { ...ASKED, state: "granted" };
  await userEvent.click(screen.getByRole("button", { name: "Opnieuw proberen" }));
  expect(await screen.findByText("De toestemming is gegeven.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Inloggen met Entra ID om te antwoorden" })).toBeTruthy();
});
