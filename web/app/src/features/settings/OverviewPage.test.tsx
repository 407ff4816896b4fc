import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { meOf } from "./me.fixture.ts";
import { OverviewPage } from "./OverviewPage.tsx";

const PATH = "/api/v1/enabling";
const ADMINISTRATOR = meOf("configure", "customize");

test("before premium features, Enable leads there", async () => {
  fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => enablingOf({ premium_since: null, enabled_at: null }) });
  renderPage(<OverviewPage />);
  const enable = await screen.findByRole("button", { name: "Enable" });
  expect(enable.hasAttribute("disabled")).toBe(true);
  expect(screen.getByRole("link", { name: "Premium features" }).getAttribute("href")).toBe("/settings/premium");
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});

test("the first time both features are on, and nothing is sent before Save", async () => {
  const requests = fakeApi({
    ...ADMINISTRATOR,
    [`GET ${PATH}`]: () => enablingOf({ enabled_at: null, relationship_analytics: false, who_knows_whom: false }),
    [`PUT ${PATH}`]: () => enablingOf({}),
  });
  renderPage(<OverviewPage />, { language: "nl" });
  await userEvent.click(await screen.findByRole("button", { name: "Inschakelen" }));
  expect(screen.getByText(/niemands postvak wordt gelezen/)).toBeTruthy();
  await userEvent.click(screen.getByRole("checkbox", { name: "Salesperson (3)" }));
  expect(screen.queryByText(/niemands postvak wordt gelezen/)).toBeNull();
  expect(requests.filter(({ method }) => method === "PUT")).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Opslaan" }));
  expect(await screen.findByText("Opgeslagen")).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({
    relationship_analytics: true,
    who_knows_whom: true,
    mailbox: true,
    all_roles: false,
    roles: ["Salesperson"],
    keeps_stored: false,
  });
});

test("switching mailbox data off asks what becomes of what is stored", async () => {
  const requests = fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => enablingOf({}), [`PUT ${PATH}`]: () => enablingOf({}) });
  renderPage(<OverviewPage />);
  await userEvent.click(await screen.findByRole("switch", { name: "Mailbox data" }));
  const question = within(screen.getByRole("radiogroup", { name: "What becomes of the mailbox data that is stored?" }));
  expect(question.getByRole<HTMLInputElement>("radio", { name: "Delete it" }).checked).toBe(true);
  await userEvent.click(question.getByRole("radio", { name: /Keep it/ }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("Saved");
  expect(requests.find(({ method }) => method === "PUT")?.body).toMatchObject({ mailbox: false, keeps_stored: true });
});

test("after the 14 days it says what happened, and goes on with CRM data or asks again", async () => {
  const expired = enablingOf({
    who_knows_whom: false,
    consent: { state: "expired", since: "2026-11-16T09:00:00Z", text: "" },
    mailbox: { is_on: false },
  });
  const requests = fakeApi({
    ...ADMINISTRATOR,
    [`GET ${PATH}`]: () => expired,
    [`POST ${PATH}/consent`]: () => new FakeProblem(403, "no security role is selected"),
  });
  renderPage(<OverviewPage />);
  expect(await screen.findByText(/were switched off on 16 Nov 2026/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Use CRM data only" }));
  expect(await screen.findByText("no security role is selected")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Ask for consent again" }));
  expect(requests.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
    { action: "use_crm_data_only" },
    { action: "ask_again" },
  ]);
});

test("while it is pending it says who must act and how many days are left", async () => {
  const consent = { state: "pending", days_left: 1, deadline: "2026-11-25T09:00:00Z", text: "" };
  fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => enablingOf({ consent }) });
  renderPage(<OverviewPage />);
  expect(await screen.findByText("Consent to mailbox data is missing: one day is left")).toBeTruthy();
  expect(screen.getByText(/Privacy Administrator must agree until 25 Nov 2026/)).toBeTruthy();
});

test("a link to hand on can be copied, and says how a tenant administrator answers", async () => {
  const consent = { state: "pending", days_left: 3, deadline: "2026-11-27T09:00:00Z", text: "" };
  fakeApi({
    ...ADMINISTRATOR,
    [`GET ${PATH}`]: () => enablingOf({ consent }),
    [`POST ${PATH}/consent-link`]: () => ({ link: "/consent#secret", expires_at: "2026-11-27T09:00:00Z" }),
  });
  const user = userEvent.setup();
  renderPage(<OverviewPage />);
  await user.click(await screen.findByRole("button", { name: "Make a link to hand on" }));
  const link = `${globalThis.location.origin}/consent#secret`;
  expect(await screen.findByText(link)).toBeTruthy();
  expect(screen.getByText(/A tenant administrator needs no account here/)).toBeTruthy();
  for (const towards of screen.getAllByRole("link", { name: "Sign-in providers" }))
    expect(towards.getAttribute("href")).toBe("/settings/providers");
  await user.click(screen.getByRole("button", { name: "Copy the link" }));
  expect(await screen.findByText("Copied")).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe(link);
});

test("where the data may not be used it says why, and takes a declared location", async () => {
  const geography = { state: "unknown", location: null, source: null };
  const requests = fakeApi({
    ...ADMINISTRATOR,
    [`GET ${PATH}`]: () => enablingOf({ geography }),
    [`PUT ${PATH}/location`]: () => enablingOf({}),
  });
  renderPage(<OverviewPage />);
  await userEvent.type(await screen.findByRole("textbox", { name: "Location of the mail servers" }), "Utrecht{Enter}");
  expect(await screen.findByText("Mailbox data may be used there.")).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ location: "Utrecht" });
});

test("each next step leads to its page", async () => {
  fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => enablingOf({}) });
  renderPage(<OverviewPage />);
  expect((await screen.findByRole("link", { name: "Widgets on forms" })).getAttribute("href")).toBe("/settings/forms");
});

test("a problem is told with a way to try again", async () => {
  let answer: unknown = new FakeProblem(500, "no disk");
  fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => answer });
  renderPage(<OverviewPage />);
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  answer = enablingOf({ enabled_at: null });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("button", { name: "Enable" })).toBeTruthy();
});

test("whoever may not configure reads how it stands, and who may change it", async () => {
  const expired = enablingOf({
    who_knows_whom: false,
    consent: { state: "expired", since: "2026-11-16T09:00:00Z", text: "" },
    mailbox: { is_on: false },
  });
  fakeApi({ ...meOf("customize"), [`GET ${PATH}`]: () => expired });
  renderPage(<OverviewPage />);
  expect((await screen.findAllByText("Only an administrator can change this.")).length).toBeGreaterThan(0);
  for (const control of [...screen.getAllByRole("switch"), ...screen.getAllByRole("checkbox")])
    expect(control.hasAttribute("disabled")).toBe(true);
  expect(screen.getByText("It was declared: Utrecht.")).toBeTruthy();
  for (const name of ["Save", "Declare", "Use CRM data only", "Ask for consent again"])
    expect(screen.queryByRole("button", { name })).toBeNull();
});

test("whoever may not configure is not offered to enable it, nor a link to hand on", async () => {
  const consent = { state: "pending", days_left: 3, deadline: "2026-11-27T09:00:00Z", text: "" };
  fakeApi({ ...meOf("customize"), [`GET ${PATH}`]: () => enablingOf({ enabled_at: null, consent }) });
  renderPage(<OverviewPage />);
  expect(await screen.findByText("Get started with relationship intelligence")).toBeTruthy();
  expect((await screen.findAllByText("Only an administrator can change this.")).length).toBeGreaterThan(0);
  expect(screen.queryByRole("button", { name: "Enable" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Make a link to hand on" })).toBeNull();
});

test.each([
  [{}, "On: Relationship analytics and Who knows whom"],
  [{ who_knows_whom: false }, "On: Relationship analytics"],
  [
    { relationship_analytics: false, who_knows_whom: false },
    "Relationship intelligence is enabled, and all its features are off",
  ],
])("says what is on: %o", async (features, words) => {
  fakeApi({ ...ADMINISTRATOR, [`GET ${PATH}`]: () => enablingOf(features) });
  renderPage(<OverviewPage />);
  expect(await screen.findByText(words)).toBeTruthy();
});
