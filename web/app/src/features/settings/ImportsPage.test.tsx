import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { kindOfName } from "./importKinds.ts";
import { ImportsPage } from "./ImportsPage.tsx";
import { meOf } from "./me.fixture.ts";

const IMPORTS = "GET /api/v1/imports";

function me(consent: "granted" | "pending", ...tasks: Parameters<typeof meOf>) {
  const mailbox = { all_roles: true, is_used: consent === "granted" };
  return {
    ...meOf("configure", "manage_users", ...tasks),
    "GET /api/v1/enabling": () => enablingOf({ mailbox, consent: { state: consent } }),
  };
}

const USERS = { "GET /api/v1/users": () => ({ items: [{ email: "ann@us.example", name: "Ann Vos", is_active: true }] }) };

const REPORT = {
  read: 1200,
  kept: 900,
  duplicates: 200,
  excluded: { internal_only: 70, private: 20 },
  failed: 10,
  elapsed_s: 1,
  notes: [],
  problems: [{ where: "a.mbox:7", what: "it has no date" }],
  problems_omitted: 9,
};

test("a file's name tells what it holds", () => {
  const names = ["Contacts.csv", "opportunities.csv.gz", "sent.mbox", "one.eml", "work.ics.gz", "notes.csv"];
  expect(names.map(kindOfName)).toEqual(["contacts", "opportunities", "mail", "mail", "calendar", undefined]);
});

test("a file of records is handed over under its name", async () => {
  let items: unknown[] = [];
  const requests = fakeApi({
    ...me("granted"),
    [IMPORTS]: () => ({ items }),
    "POST /api/v1/imports/leads": () => {
      items = [{ id: 1, kind: "leads", state: "queued", started_at: "2026-11-24T11:00:00Z" }];
      return items[0];
    },
  });
  renderPage(<ImportsPage />);
  expect(await screen.findByText("Nothing was imported yet")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Import" })).toHaveProperty("disabled", true);
  await userEvent.upload(screen.getByLabelText("File"), new File(["{}"], "leads.csv"));
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByRole("row", { name: /^Leads Waiting/ })).toBeTruthy();
  const sent = requests.find(({ method }) => method === "POST");
  expect([sent?.search.get("filename"), sent?.search.get("consent")]).toEqual(["leads.csv", null]);
});

test("mail needs consent in words, and can name its mailbox", async () => {
  const requests = fakeApi({
    ...me("pending", "consent"),
    ...USERS,
    [IMPORTS]: () => ({ items: [] }),
    "POST /api/v1/imports/mail": () => ({ id: 1, kind: "mail", state: "queued", started_at: "2026-11-24T11:00:00Z" }),
  });
  renderPage(<ImportsPage />);
  await userEvent.upload(await screen.findByLabelText("File"), new File(["{}"], "ann.mbox"));
  const consent = await screen.findByRole("textbox", { name: /^Consent/ });
  expect(screen.getByRole("button", { name: "Import" })).toHaveProperty("disabled", true);
  await userEvent.type(consent, "board, 1 March");
  await userEvent.click(screen.getByRole("combobox", { name: "Whose mailbox it is" }));
  await userEvent.click(await screen.findByRole("option", { name: "Ann Vos" }));
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByText(/The file has arrived/)).toBeTruthy();
  const sent = requests.find(({ method }) => method === "POST")?.search;
  expect([sent?.get("consent"), sent?.get("mailbox")]).toEqual(["board, 1 March", "ann@us.example"]);
});

test("a refusal is said with what to do", async () => {
  fakeApi({
    ...me("granted"),
    [IMPORTS]: () => ({ items: [] }),
    "POST /api/v1/imports/contacts": () => new FakeProblem(507, "the disk is full"),
  });
  renderPage(<ImportsPage />);
  await userEvent.upload(await screen.findByLabelText("File"), new File(["{}"], "contacts.csv"));
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByText(/the disk is full/)).toBeTruthy();
});

test("every import is accounted for, with what went wrong where", async () => {
  const one = { id: 4, kind: "mail", state: "completed", started_at: "2026-11-24T11:00:00Z", report: REPORT };
  const failed = {
    id: 3,
    kind: "users",
    state: "failed",
    started_at: "2026-11-24T10:00:00Z",
    problem: { detail: "users.csv: the column `email` is missing", hint: null },
  };
  const running = {
    id: 5,
    kind: "calendar",
    state: "running",
    started_at: "2026-11-24T12:00:00Z",
    progress: { state: "running", read: 40, bytes: 25, bytes_total: 100 },
  };
  fakeApi({ ...me("granted"), [IMPORTS]: () => ({ items: [running, one, failed] }) });
  renderPage(<ImportsPage />);
  const mail = within(await screen.findByRole("row", { name: /^Mail/ }));
  const cells = mail.getAllByRole("cell").map((cell) => cell.textContent);
  expect(cells.slice(0, 6)).toEqual([
    "Completed",
    "24 Nov 2026, 11:00",
    "1,200",
    "900",
    "200",
    "9070: Only colleagues take part.20: It is with a private contact of the mailbox’s owner.",
  ]);
  expect(mail.getByText("a.mbox:7: it has no date")).toBeTruthy();
  expect(mail.getByText("9 more")).toBeTruthy();
  expect(screen.getByText(/the column `email` is missing/)).toBeTruthy();
  expect(screen.getByText("Running (25%)")).toBeTruthy();
});

test("whoever may not consent is led to where it is given", async () => {
  fakeApi({ ...me("pending"), ...USERS, [IMPORTS]: () => ({ items: [] }) });
  renderPage(<ImportsPage />);
  await userEvent.upload(await screen.findByLabelText("File"), new File(["{}"], "ann.mbox"));
  const link = await screen.findByRole("link", { name: "Consent to mailbox data" });
  expect(link.getAttribute("href")).toBe("/settings/consent");
  expect(screen.queryByRole("textbox", { name: /^Consent/ })).toBeNull();
  expect(screen.getByRole("button", { name: "Import" })).toHaveProperty("disabled", true);
});

test("consent is asked for only where it is what is missing", async () => {
  const off = enablingOf({ mailbox: { is_on: false, is_used: false } });
  fakeApi({ ...me("pending", "consent"), ...USERS, [IMPORTS]: () => ({ items: [] }), "GET /api/v1/enabling": () => off });
  renderPage(<ImportsPage />);
  await userEvent.upload(await screen.findByLabelText("File"), new File(["{}"], "ann.mbox"));
  expect(await screen.findByText(/Mailbox data is switched off/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Overview" }).getAttribute("href")).toBe("/settings/overview");
  expect(screen.queryByRole("textbox", { name: /^Consent/ })).toBeNull();
});

test("users are imported by whoever manages users", async () => {
  fakeApi({ ...meOf("configure"), [IMPORTS]: () => ({ items: [] }) });
  renderPage(<ImportsPage />);
  await userEvent.upload(await screen.findByLabelText("File"), new File(["{}"], "users.csv"));
  expect(await screen.findByText(/Only whoever manages users can import them/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Import" })).toHaveProperty("disabled", true);
});
