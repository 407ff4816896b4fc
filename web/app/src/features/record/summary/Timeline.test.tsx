import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { TimelineItem } from "@/api/activities.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { Timeline } from "./Timeline.tsx";

const INTERACTIONS = "GET /api/v1/contacts/c1/interactions";
const USERS = { "GET /api/v1/users": () => ({ items: [{ email: "ann@us.example", name: "Ann Vos", is_active: true }] }) };

function anItem(changes: Partial<TimelineItem> = {}): TimelineItem {
  return {
    id: "1",
    at: "2026-11-17T09:18:00Z",
    kind: "email",
    direction: "outgoing",
    state: "completed",
    subject: "Offer",
    participants: [
      { name: "Ann Vos", email: "ann@us.example", role: "from", side: "us" },
      { name: "Pim", email: "pim@acme.example", role: "to", side: "them" },
    ],
    sources: ["mailbox"],
    ...changes,
  };
}

function answers(past: TimelineItem[], upcoming: TimelineItem[] = []) {
  return {
    ...USERS,
    [INTERACTIONS]: ({ search }: { search: URLSearchParams }) => {
      const items = search.get("state") === "upcoming" ? upcoming : past;
      return { items, next_cursor: null, total: items.length, as_of: "2026-11-24T12:00:00Z" };
    },
  };
}

function show(asOf?: string) {
  renderPage(<Timeline table="contacts" id="c1" asOf={asOf} record={{ id: "c1", name: "Pim", email: "pim@acme.example" }} />, {
    viewer: "ann@us.example",
  });
}

test("what happened stands by day, newest first; what is planned above", async () => {
  const meeting = anItem({ id: "3", kind: "meeting", state: "scheduled", subject: null, at: "2026-12-01T10:00:00Z" });
  fakeApi(
    answers([anItem(), anItem({ id: "2", at: "2026-11-03T08:00:00Z", direction: "incoming", subject: "Question" })], [meeting]),
  );
  show();
  await screen.findByText("Offer");
  const headings = screen.getAllByRole("heading", { level: 3 }).map((heading) => heading.textContent);
  expect(headings).toEqual(["Upcoming", "17 Nov 2026", "3 Nov 2026"]);
  expect(screen.getByText("Meeting (subject not kept)")).toBeTruthy();
  expect(within(screen.getByText("Question").closest("li") ?? document.body).getByRole("img", { name: "Incoming" })).toBeTruthy();
});

test("a call is logged: by the viewer, with the record's person, and once", async () => {
  const requests = fakeApi({ ...answers([]), "POST /api/v1/activities": ({ body }) => body });
  show();
  expect(await screen.findByText("Nothing has happened yet")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Log a call" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: "Subject" }), "Prices");
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const sent = requests.filter(({ method }) => method === "POST").map(({ body }) => body);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    kind: "phone_call",
    state: "completed",
    from: "ann@us.example",
    to: ["pim@acme.example"],
    subject: "Prices",
    regarding: { table: "contacts", id: "c1" },
  });
});

test("what is refused keeps the dialog and what was typed", async () => {
  fakeApi({ ...answers([]), "POST /api/v1/activities": () => new FakeProblem(422, "`to`: nobody of theirs") });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "New task" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByRole("textbox", { name: "Subject" }), "Prices");
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  expect(await dialog.findByText(/nobody of theirs/)).toBeTruthy();
  expect(dialog.getByRole<HTMLInputElement>("textbox", { name: "Subject" }).value).toBe("Prices");
});

test("a planned meeting is completed from what it is now", async () => {
  const meeting = anItem({ kind: "meeting", state: "scheduled", at: "2026-12-01T10:00:00Z", activity: "m1", sources: ["crm"] });
  const stored = { id: "m1", kind: "meeting", state: "scheduled", at: "2026-12-01T10:00:00Z", to: ["pim@acme.example"] };
  const requests = fakeApi({
    ...answers([], [meeting]),
    "GET /api/v1/activities/m1": () => stored,
    "PUT /api/v1/activities/m1": ({ body }) => body,
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Complete" }));
  await waitFor(() =>
    expect(requests.find(({ method }) => method === "PUT")?.body).toMatchObject({ state: "completed", to: ["pim@acme.example"] }),
  );
});

test("a kind is asked of the server; the past cannot be added to", async () => {
  const requests = fakeApi(answers([anItem()]));
  show("2026-11-20T12:00:00Z");
  expect(await screen.findByText(/The timeline as it stood on 20 Nov 2026/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Log a call" })).toBeNull();
  await userEvent.click(screen.getByRole("combobox", { name: "Kind of activity" }));
  await userEvent.click(await screen.findByRole("option", { name: "Meeting" }));
  await waitFor(() => expect(requests.at(-1)?.search.get("kind")).toBe("meeting"));
});
