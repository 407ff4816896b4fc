import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { meOf } from "./me.fixture.ts";
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
  notice: null,
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

test("tells when one’s mailbox will be read", async () => {
  const notice = { given_at: "2026-11-24T09:00:00Z", capture_from: "2026-12-01T09:00:00Z" };
  fakeApi({ "GET /api/v1/my-data": () => ({ ...HELD, notice }) });
  renderPage(<PrivacyPage />, { viewer: "ann@us.example" });
  expect(await screen.findByText(/told on 24 Nov 2026.* nothing is read from your mailbox before 1 Dec 2026/)).toBeTruthy();
});

test("shows what would be kept of a file, and why not the rest", async () => {
  const item = (where: string, verdict: string, reason: string | null, address: string) => ({
    where,
    verdict,
    reason,
    kind: "email",
    at: "2026-02-02T09:00:00Z",
    participants: [{ address, role: "from" }],
    subject: null,
    duration_s: null,
  });
  const requests = fakeApi({
    "GET /api/v1/my-data": () => HELD,
    "POST /api/v1/my-data/preview": () => ({
      report: { read: 3, kept: 1, duplicates: 0, failed: 1, excluded: { internal_only: 1 }, problems: [], elapsed_s: 0 },
      items: [
        item("mine.mbox:0", "kept", null, "jo@acme.example"),
        item("mine.mbox:90", "excluded", "internal_only", "bob@us.example"),
        item("mine.mbox:180", "failed", "no date", "kay@acme.example"),
      ],
      items_omitted: 7,
    }),
  });
  renderPage(<PrivacyPage />, { viewer: "ann@us.example" });
  const button = await screen.findByRole("button", { name: "Look" });
  expect(button.hasAttribute("disabled")).toBe(true);
  const file = new File(["{}"], "mine.mbox");
  await userEvent.upload(screen.getByLabelText(/A file of your mailbox/), file);
  await userEvent.click(button);
  expect(await screen.findByText("3 read, 1 of them would be kept.")).toBeTruthy();
  expect(screen.getByText("1: Only colleagues take part.")).toBeTruthy();
  expect(screen.getAllByRole("row").map((row) => row.textContent)).toEqual([
    "WhenBetweenWhat becomes of it",
    expect.stringContaining("jo@acme.examplekept"),
    expect.stringContaining("bob@us.examplenot kept Only colleagues take part."),
    expect.stringContaining("kay@acme.examplenot kept no date"),
  ]);
  expect(screen.getByText("And 7 more.")).toBeTruthy();
  expect(requests.find(({ method }) => method === "POST")?.search.get("filename")).toBe("mine.mbox");
});

test("seeing and erasing is the privacy administrator's work, who is led there; nobody is told a command", async () => {
  fakeApi(meOf());
  const { unmount } = renderPage(<PrivacyPage />);
  expect(await screen.findByText(/The privacy administrator exports everything/)).toBeTruthy();
  await screen.findByText("The text of subjects is not kept.");
  expect(screen.queryByText(/rapport (access|erase)/)).toBeNull();
  expect(screen.queryByRole("link", { name: "Requests of people" })).toBeNull();
  unmount();
  fakeApi(meOf("privacy"));
  renderPage(<PrivacyPage />);
  expect((await screen.findByRole("link", { name: "Requests of people" })).getAttribute("href")).toBe("/privacy-requests");
});
