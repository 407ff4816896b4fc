import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { SettingsWords } from "@/i18n/SettingsWords.tsx";
import { TenantPermissions } from "./TenantPermissions.tsx";

const PATH = "/api/v1/permissions";

function tenant(mail: boolean | null, beyond: string[] = []) {
  const needed = [
    { name: "Mail.ReadBasic.All", is_granted: mail },
    { name: "Calendars.ReadBasic.All", is_granted: mail === null ? null : true },
  ];
  return { connector: "m365", tenant: "us.example", needed, beyond_need: beyond };
}

function show(isTenantAdministrator: boolean) {
  return renderPage(
    <SettingsWords>
      <TenantPermissions isTenantAdministrator={isTenantAdministrator} />
    </SettingsWords>,
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
  globalThis.history.replaceState(null, "", "/");
});

test("a tenant administrator is led to Microsoft, and sees what it permits after looking again", async () => {
  let told = tenant(null);
  fakeApi({
    [`GET ${PATH}`]: () => ({ items: [told] }),
    [`POST ${PATH}/m365/check`]: () => (told = tenant(true, ["Mail.ReadWrite"])),
  });
  show(true);
  const link = await screen.findByRole("link", { name: "Consent at Microsoft" });
  expect(link.getAttribute("href")).toBe("/api/v1/permissions/m365/consent");
  const mail = () => screen.getByText("Mail.ReadBasic.All").parentElement ?? document.body;
  expect(within(mail()).getByText("Not looked at yet")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Look again" }));
  expect(await within(mail()).findByText("Granted")).toBeTruthy();
  expect(screen.getByText(/^More is granted than is ever read: .*Mail\.ReadWrite/)).toBeTruthy();
  expect(screen.queryByText(/limited to some mailboxes is never in the token/)).toBeNull();
});

test("what is limited to some mailboxes is proven by trying one", async () => {
  const closed = { mail_is_open: false, calendars_are_open: false, reason: "this mailbox is closed to us (ErrorAccessDenied)" };
  const answers = [closed, { mail_is_open: true, calendars_are_open: true, reason: null }];
  const requests = fakeApi({
    [`GET ${PATH}`]: () => ({ items: [tenant(false)] }),
    [`POST ${PATH}/m365/probe`]: () => answers.shift() ?? new FakeProblem(403, "it cannot be told", "refused"),
  });
  show(false);
  expect(await screen.findByText(/limited to some mailboxes is never in the token/)).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Consent at Microsoft" })).toBeNull();
  const field = screen.getByRole("textbox", { name: "Try a mailbox" });
  await userEvent.type(field, "director@us.example{Enter}");
  expect(await screen.findByText(/director@us\.example is closed to Rapport.*ErrorAccessDenied/)).toBeTruthy();
  expect(requests.findLast(({ method }) => method === "POST")?.body).toEqual({ mailbox: "director@us.example" });
  await userEvent.click(screen.getByRole("button", { name: "Try it" }));
  expect(await screen.findByText(/director@us\.example is open/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Try it" }));
  expect(await screen.findByText(/it cannot be told/)).toBeTruthy();
});

test("nothing is tried where no mailbox is opened, nor shown without a tenant", async () => {
  const traces = { ...tenant(true), needed: [{ name: "ExchangeMessageTrace.Read.All", is_granted: false }] };
  fakeApi({ [`GET ${PATH}`]: () => ({ items: [traces] }) });
  const { unmount } = show(true);
  expect(await screen.findByText("Not in the token")).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "Try a mailbox" })).toBeNull();
  expect(screen.queryByText(/limited to some mailboxes is never in the token/)).toBeNull();
  unmount();
  const requests = fakeApi({ [`GET ${PATH}`]: () => ({ items: [] }) });
  show(true);
  await waitFor(() => expect(requests.length).toBeGreaterThan(0));
  expect(screen.queryByRole("heading", { name: "What Microsoft 365 permits" })).toBeNull();
});
