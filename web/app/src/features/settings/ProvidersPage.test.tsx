import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ProvidersPage } from "./ProvidersPage.tsx";

const RULE = { claim: "wids", value: "62e90394-69f5-4237-9190-012177145e10" };
/** What is sent to leave it as it is. */
const KEPT = {
  name: "Entra ID",
  issuer: "https://login.example/tenant/v2.0",
  client_id: "rapport",
  trusts_addresses: true,
  administrators: RULE,
};
const ENTRA = {
  ...KEPT,
  id: "entra",
  has_secret: true,
  redirect_url: "/api/v1/sign-in/entra/callback",
  problem: null,
};
const REDIRECT = `${globalThis.location.origin}/api/v1/sign-in/entra/callback`;

function fakeProviders(tasks: string[], further: Parameters<typeof fakeApi>[0] = {}, isLocal = false) {
  return fakeApi({
    "GET /api/v1/providers": () => ({ items: [ENTRA] }),
    "GET /api/v1/me": () => ({ rights: { reads: "none", writes: "none", tasks }, is_local_administrator: isLocal }),
    ...further,
  });
}

const putOf = (requests: ReturnType<typeof fakeApi>) => requests.find(({ method }) => method === "PUT")?.body;

test("lists providers with what is to be registered there", async () => {
  fakeProviders(["manage_users", "consent"]);
  const user = userEvent.setup();
  renderPage(<ProvidersPage />);
  const row = within(await screen.findByRole("row", { name: /Entra ID/ }));
  const cells = row.getAllByRole("cell").map((cell) => cell.textContent.trim());
  expect(cells.slice(0, 6)).toEqual([ENTRA.issuer, "rapport", REDIRECT, "Kept", "Trusted", `${RULE.claim} = ${RULE.value}`]);
  await user.click(row.getByRole("button", { name: "Copy the redirect URL of Entra ID" }));
  expect(await row.findByText("Copied")).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe(REDIRECT);
});

test("a provider is added; what is wrong with it is told", async () => {
  const made = { ...ENTRA, id: "keycloak", name: "Keycloak", administrators: null, problem: "it does not answer" };
  const requests = fakeProviders(["manage_users", "consent"], { "PUT /api/v1/providers/keycloak": () => made });
  renderPage(<ProvidersPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
  const form = within(await screen.findByRole("dialog", { name: "Add a provider" }));
  const type = async (name: RegExp, text: string) => userEvent.type(form.getByRole("textbox", { name }), text);
  await type(/^Id/, "entra");
  expect(form.getByText("There is a provider of this id already.")).toBeTruthy();
  await userEvent.clear(form.getByRole("textbox", { name: /^Id/ }));
  await type(/^Id/, "Key cloak");
  expect(form.getByText(/other than “password”/)).toBeTruthy();
  await userEvent.clear(form.getByRole("textbox", { name: /^Id/ }));
  await type(/^Id/, "keycloak");
  expect(form.getByText(`${globalThis.location.origin}/api/v1/sign-in/keycloak/callback`)).toBeTruthy();
  await type(/^Name/, "Keycloak");
  await type(/^Issuer/, "https://keycloak.example/realms/us");
  await type(/^Client id/, "rapport");
  const save = form.getByRole("button", { name: "Save" });
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.type(form.getByLabelText(/^Secret/), "a secret");
  await type(/^Claim/, "roles");
  expect(form.getByText(/belong together/)).toBeTruthy();
  expect(save.hasAttribute("disabled")).toBe(true);
  await type(/^Value/, "tenant-admin");
  await userEvent.click(save);
  expect(await screen.findByText("Keycloak is saved, but nobody can sign in by it yet: it does not answer")).toBeTruthy();
  expect(putOf(requests)).toEqual({
    name: "Keycloak",
    issuer: "https://keycloak.example/realms/us",
    client_id: "rapport",
    trusts_addresses: false,
    administrators: { claim: "roles", value: "tenant-admin" },
    secret: "a secret",
  });
});

test("whoever manages users keeps the secret by leaving it out, and cannot set who administers the tenant", async () => {
  const requests = fakeProviders(["manage_users"], { "PUT /api/v1/providers/entra": () => ENTRA });
  renderPage(<ProvidersPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Edit Entra ID" }));
  const form = within(await screen.findByRole("dialog", { name: "Edit Entra ID" }));
  const claim = form.getByRole<HTMLInputElement>("textbox", { name: /^Claim/ });
  expect(claim.readOnly).toBe(true);
  expect(form.getByText(/Only a Privacy Administrator may set this/)).toBeTruthy();
  await userEvent.click(form.getByRole("checkbox", { name: "Trust its addresses" }));
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Entra ID is saved.")).toBeTruthy();
  expect(putOf(requests)).toEqual({ ...KEPT, trusts_addresses: false });
});

test("another issuer needs a secret of its own, and is believed nothing about tenant administrators", async () => {
  const requests = fakeProviders(["manage_users"], { "PUT /api/v1/providers/entra": () => ENTRA });
  renderPage(<ProvidersPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Edit Entra ID" }));
  const form = within(await screen.findByRole("dialog"));
  await userEvent.type(form.getByRole("textbox", { name: /^Issuer/ }), "/other");
  expect(form.getByText(/claim and value are dropped/)).toBeTruthy();
  expect(form.getByText(/never sent to this one/)).toBeTruthy();
  const save = form.getByRole("button", { name: "Save" });
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.click(form.getByRole("checkbox", { name: "No secret (public client)" }));
  await userEvent.click(save);
  await waitFor(() =>
    expect(putOf(requests)).toMatchObject({ issuer: `${ENTRA.issuer}/other`, secret: "", administrators: null }),
  );
});

test("a Privacy Administrator sets who administers the tenant, and nothing else", async () => {
  const requests = fakeProviders(["consent", "privacy"], { "PUT /api/v1/providers/entra": () => ENTRA });
  renderPage(<ProvidersPage />, { language: "nl" });
  await userEvent.click(await screen.findByRole("button", { name: "Entra ID bewerken" }));
  expect(screen.queryByRole("button", { name: "Een provider toevoegen" })).toBeNull();
  const form = within(await screen.findByRole("dialog"));
  expect(form.getByRole<HTMLInputElement>("textbox", { name: /^Uitgever/ }).readOnly).toBe(true);
  expect(form.getByRole("checkbox", { name: "De adressen vertrouwen" }).hasAttribute("disabled")).toBe(true);
  expect(form.queryByRole("button", { name: /verwijderen/ })).toBeNull();
  expect(form.getByText(/Entra ID: wids/)).toBeTruthy();
  const value = form.getByRole("textbox", { name: /^Waarde/ });
  await userEvent.clear(value);
  await userEvent.type(value, "another");
  await userEvent.click(form.getByRole("button", { name: "Opslaan" }));
  expect(await screen.findByText("Entra ID is opgeslagen.")).toBeTruthy();
  expect(putOf(requests)).toEqual({ ...KEPT, administrators: { claim: "wids", value: "another" } });
});

test("deleting wants to be sure", async () => {
  let items = [ENTRA];
  fakeProviders(["manage_users"], {
    "GET /api/v1/providers": () => ({ items }),
    "DELETE /api/v1/providers/entra": () => {
      items = [];
      return {};
    },
  });
  renderPage(<ProvidersPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Edit Entra ID" }));
  const form = within(await screen.findByRole("dialog"));
  const remove = form.getByRole("button", { name: "Delete Entra ID" });
  expect(remove.hasAttribute("disabled")).toBe(true);
  await userEvent.click(form.getByRole("checkbox", { name: "I want nobody to sign in by it any more" }));
  await userEvent.click(remove);
  expect(await screen.findByText("Entra ID is deleted.")).toBeTruthy();
  expect(await screen.findByText("There are no sign-in providers yet")).toBeTruthy();
});

test("where nobody signed in until now it says before and after that everybody does then", async () => {
  let isOver = false;
  fakeProviders(
    ["manage_users", "consent"],
    {
      "GET /api/v1/providers": () => (isOver ? new FakeProblem(401, "sign in first", "signed_out") : { items: [] }),
      "PUT /api/v1/providers/entra": () => {
        isOver = true;
        return ENTRA;
      },
    },
    true,
  );
  renderPage(<ProvidersPage />);
  expect(await screen.findByText("There are no sign-in providers yet")).toBeTruthy();
  await userEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
  const form = within(await screen.findByRole("dialog"));
  expect(form.getByText(/everybody signs in, you too/)).toBeTruthy();
  await userEvent.type(form.getByRole("textbox", { name: /^Id/ }), "entra");
  await userEvent.type(form.getByRole("textbox", { name: /^Issuer/ }), ENTRA.issuer);
  await userEvent.type(form.getByRole("textbox", { name: /^Client id/ }), "rapport");
  await userEvent.click(form.getByRole("checkbox", { name: "No secret (public client)" }));
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/Everybody signs in from now on/)).toBeTruthy();
  expect((await screen.findByRole("link", { name: "Sign in" })).getAttribute("href")).toBe("/");
  expect(screen.getByRole("row", { name: /Entra ID/ })).toBeTruthy();
});

test("whoever may not is told so", async () => {
  fakeProviders([], { "GET /api/v1/providers": () => new FakeProblem(403, "one may not", "not_allowed") });
  renderPage(<ProvidersPage />);
  expect(await screen.findByText("You have no permission to see this")).toBeTruthy();
});
