import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { AuditPage } from "./AuditPage.tsx";

const LOG = "GET /api/v1/audit";
const CHECK = "GET /api/v1/audit/check";
const ENTRY = {
  number: 2,
  at: "2026-11-24T11:00:00Z",
  actor: "local administrator",
  action: "consent.granted",
  before: "pending",
  after: "granted: by the board",
  is_redacted: false,
  hash: "ab",
};
const SOUND = { ok: true, entries: 2, redacted: 0, head: "2:ab", problems: [] };

function cellsOf(row: HTMLElement) {
  return within(row)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);
}

test("shows who did what, and what to write down", async () => {
  const redacted = { ...ENTRY, number: 1, action: "settings.set", before: null, after: "[erased]", is_redacted: true };
  fakeApi({ [LOG]: () => ({ items: [ENTRY, redacted], next_cursor: null }), [CHECK]: () => SOUND });
  renderPage(<AuditPage />);
  const rows = await screen.findAllByRole("row", { name: /24 Nov 2026/ });
  expect(rows.map(cellsOf)).toEqual([
    ["local administrator", "Consent granted", "pending", "granted: by the board"],
    ["local administrator", "Setting changed (somebody was erased from it)", "---", "[erased]"],
  ]);
  expect(await screen.findByText("No entry was changed or taken out")).toBeTruthy();
  expect(screen.getByText("2:ab")).toBeTruthy();
});

test("a noted entry is checked; what does not hold is said in the reader's language", async () => {
  const problems = [{ number: 2, fault: "noted", problem: "its hash is not the one that was noted" }];
  const requests = fakeApi({
    [LOG]: () => ({ items: [ENTRY], next_cursor: null }),
    [CHECK]: ({ search }) => (search.get("noted") ? { ...SOUND, ok: false, problems } : SOUND),
  });
  renderPage(<AuditPage />, { language: "nl" });
  await userEvent.type(await screen.findByRole("textbox", { name: "Een regel die eerder genoteerd is" }), " 2:cd {Enter}");
  expect(await screen.findByText("Het logboek is niet zoals het geschreven werd")).toBeTruthy();
  expect(screen.getByText("Regel 2: de hash is niet de genoteerde")).toBeTruthy();
  expect(screen.queryByText("2:ab")).toBeNull();
  expect(requests.at(-1)?.search.get("noted")).toBe("2:cd");
});

test("what is no noted entry is said at the field", async () => {
  fakeApi({
    [LOG]: () => ({ items: [], next_cursor: null }),
    [CHECK]: ({ search }) => (search.get("noted") ? new FakeProblem(422, "`x` is no noted entry") : SOUND),
  });
  renderPage(<AuditPage />);
  expect(await screen.findByText("Nothing has happened yet")).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "An entry that was noted earlier" }), "x{Enter}");
  expect(await screen.findByText("`x` is no noted entry")).toBeTruthy();
});

test("more is asked for page by page", async () => {
  const requests = fakeApi({
    [LOG]: ({ search }) =>
      search.get("cursor") ? { items: [{ ...ENTRY, number: 1 }], next_cursor: null } : { items: [ENTRY], next_cursor: "c" },
    [CHECK]: () => SOUND,
  });
  renderPage(<AuditPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findAllByRole("row", { name: /24 Nov 2026/ })).toHaveLength(2);
  expect(requests.some(({ search }) => search.get("cursor") === "c")).toBe(true);
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
});
