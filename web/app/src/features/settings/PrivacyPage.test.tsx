import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { PrivacyPage } from "./PrivacyPage.tsx";

const HELD = {
  email: "ann@us.example",
  aliases: [],
  is_mailbox_used: true,
  reason: null,
  opted_out_at: null,
  in_mailbox: 12,
  took_part: 30,
  oldest_at: "2026-02-03T09:00:00Z",
};

test("shows what is held on oneself, and opts out once one is sure", async () => {
  const out = { ...HELD, is_mailbox_used: false, reason: "opted_out", opted_out_at: "2026-11-24T09:00:00Z", in_mailbox: 0 };
  const requests = fakeApi({ "GET /api/v1/my-data": () => HELD, "PUT /api/v1/my-data/opt-out": () => out });
  renderPage(<PrivacyPage />, { viewer: "ann@us.example" });
  expect(await screen.findByText(/12 interactions from your mailbox are stored. You took part in 30/)).toBeTruthy();
  expect(screen.getByRole("link", { name: /as a file/ }).getAttribute("href")).toBe(
    "/api/v1/my-data/export?viewer=ann%40us.example",
  );
  const button = screen.getByRole("button", { name: "Opt out" });
  expect(button.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: "Delete what was seen in my mailbox" }));
  await userEvent.click(button);
  expect(await screen.findByText(/You opted out on 24 Nov 2026/)).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ opted_out: true });
  expect(screen.getByRole("button", { name: "Opt in again" })).toBeTruthy();
});

test("says why a mailbox is not used, and asks who looks", async () => {
  fakeApi({ "GET /api/v1/my-data": () => ({ ...HELD, is_mailbox_used: false, reason: "role" }) });
  renderPage(<PrivacyPage />, { viewer: "ann@us.example", language: "nl" });
  expect(await screen.findByText("U hebt geen van de gekozen beveiligingsrollen.")).toBeTruthy();
  renderPage(<PrivacyPage />);
  expect(screen.getByText(/Say at the top right who you are/)).toBeTruthy();
});
