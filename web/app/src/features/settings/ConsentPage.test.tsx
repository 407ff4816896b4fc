import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ConsentPage } from "./ConsentPage.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { meOf } from "./me.fixture.ts";
import { PremiumPage } from "./PremiumPage.tsx";

const PATH = "/api/v1/enabling";

test("says what is asked for, and takes the words of whoever agrees", async () => {
  const consent = { state: "pending", days_left: 3, deadline: "2026-11-27T09:00:00Z", text: "" };
  const requests = fakeApi({
    ...meOf("consent", "privacy"),
    [`GET ${PATH}`]: () => enablingOf({ consent }),
    [`POST ${PATH}/consent`]: () => enablingOf({}),
  });
  renderPage(<ConsentPage />);
  expect(await screen.findByText(/^Acme: the administrator who enabled/)).toBeTruthy();
  expect(screen.getByText(/Mail\.ReadBasic\.All.*; where users come from there too, also User\.Read\.All/)).toBeTruthy();
  expect(screen.getByText("27 Nov 2026, 09:00")).toBeTruthy();
  expect(screen.queryByText(/should not be the one who consents/)).toBeNull();
  expect(screen.getByText("Those of 3 of 4 users, who have one of these roles: none.")).toBeTruthy();
  const grant = screen.getByRole("button", { name: "Grant" });
  expect(grant.hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: /What is agreed to/ }), "by the board");
  await userEvent.click(grant);
  expect(await screen.findByText("Granted on 3 Nov 2026, 09:00: agreed by the board")).toBeTruthy();
  expect(requests.find(({ method }) => method === "POST")?.body).toEqual({ action: "grant", text: "by the board" });
});

test("withdrawing wants to be sure, and excluded groups take effect at once", async () => {
  const revoked = { state: "revoked", delete_live_by: "2026-11-25T10:00:00Z", delete_backups_by: "2026-12-24T10:00:00Z" };
  const requests = fakeApi({
    ...meOf("consent", "privacy"),
    [`GET ${PATH}`]: () => enablingOf({}),
    [`PUT ${PATH}/excluded-groups`]: () => enablingOf({}),
    [`POST ${PATH}/consent`]: () => enablingOf({ consent: revoked }),
  });
  renderPage(<ConsentPage />, { language: "nl" });
  await userEvent.click(await screen.findByRole("checkbox", { name: "Board (1)" }));
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ groups: ["Board"] });
  const withdraw = screen.getByRole("button", { name: "Intrekken" });
  expect(withdraw.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: "Ik wil dat postvakgegevens worden verwijderd" }));
  await userEvent.click(withdraw);
  expect(await screen.findByText(/vóór 25 nov 2026.* uit het systeem verwijderd/)).toBeTruthy();
  expect(requests.find(({ method }) => method === "POST")?.body).toEqual({ action: "revoke" });
});

test("premium features are enabled by whoever accepts their terms", async () => {
  const requests = fakeApi({
    ...meOf("configure"),
    [`GET ${PATH}`]: () => enablingOf({ premium_since: null, enabled_at: null }),
    [`PUT ${PATH}/premium`]: () => enablingOf({ enabled_at: null }),
  });
  renderPage(<PremiumPage />);
  const enable = await screen.findByRole("button", { name: "Enable premium features" });
  expect(enable.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: "We accept these terms" }));
  await userEvent.click(enable);
  expect(await screen.findByText(/Premium features are enabled since 1 Nov 2026/)).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ is_enabled: true });
});

test("whoever may enable too is warned before they consent", async () => {
  fakeApi({ ...meOf("consent", "configure"), [`GET ${PATH}`]: () => enablingOf({ consent: { state: "pending" } }) });
  renderPage(<ConsentPage />);
  expect(await screen.findByText(/should not be the one who consents/)).toBeTruthy();
});

test("an administrator without the task reads the request, cannot answer it, and can withdraw", async () => {
  let consent = "pending";
  fakeApi({ ...meOf("configure"), [`GET ${PATH}`]: () => enablingOf({ consent: { state: consent } }) });
  const { unmount } = renderPage(<ConsentPage />);
  const who = "Only your tenant administrator or a Privacy Administrator can answer or change this.";
  expect(await screen.findAllByText(who)).toHaveLength(2);
  expect(screen.getByRole("checkbox", { name: "Board (1)" }).hasAttribute("disabled")).toBe(true);
  for (const name of ["Grant", "Decline"]) expect(screen.queryByRole("button", { name })).toBeNull();
  unmount();
  consent = "granted";
  renderPage(<ConsentPage />);
  expect(await screen.findByRole("button", { name: "Withdraw" })).toBeTruthy();
  expect(screen.getAllByText(who)).toHaveLength(1);
});

test("premium features are read by whoever may not configure", async () => {
  fakeApi({ ...meOf("customize"), [`GET ${PATH}`]: () => enablingOf({}) });
  renderPage(<PremiumPage />);
  expect(await screen.findByText("Only an administrator can change this.")).toBeTruthy();
  expect(screen.getByText(/enabled since 1 Nov 2026/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Disable premium features" })).toBeNull();
});
