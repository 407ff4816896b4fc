import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { aPage, aRow } from "./fixtures.ts";
import { ListPage } from "./ListPage.tsx";
import type { ListSearch } from "./listSearch.ts";

const LIST = "GET /api/v1/opportunities";
const ANN = "ann@us.example";

function show(search: ListSearch = {}, viewer: string | null = ANN) {
  const onSearch = vi.fn();
  const page = (
    <ListPage
      table="opportunities"
      search={search}
      onSearch={onSearch}
      viewer={viewer}
      viewerPicker={<button type="button">who</button>}
    />
  );
  renderPage(page, { viewer });
  return onSearch;
}

beforeEach(() => {
  // Rows exist only where there is room for them, and jsdom lays nothing out.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
});

test("asks for one's own open records, and shows them with health in words", async () => {
  const requests = fakeApi({
    [LIST]: () => aPage([aRow(), aRow({ id: "o2", name: "Valves", health_state: "not_enough_info", health_score: null })]),
  });
  show();
  const rows = await screen.findAllByRole("row", { name: /Pumps|Valves/ });
  expect(rows[0]?.textContent).toContain("Fair");
  expect(rows[0]?.textContent).toContain("55");
  expect(rows[0]?.textContent).toContain("Declining");
  expect(rows[1]?.textContent).toContain("Not enough info");
  const asked = requests.find(({ path }) => path === "/api/v1/opportunities")?.search;
  expect([asked?.get("view"), asked?.get("viewer"), asked?.get("state"), asked?.get("sort")]).toEqual([
    "my",
    ANN,
    "open",
    "name",
  ]);
  expect(screen.getByRole("status").textContent).toContain("2 records, as of");
});

test("a click on a heading sorts, a second one turns the order", async () => {
  fakeApi({ [LIST]: () => aPage([aRow()]) });
  const onSearch = show({ sort: "name", order: "asc" });
  await userEvent.click(await screen.findByRole("button", { name: "Name" }));
  expect(onSearch).toHaveBeenLastCalledWith({ sort: "name", order: "desc" }, undefined);
  await userEvent.click(screen.getByRole("button", { name: "Relationship health" }));
  expect(onSearch).toHaveBeenLastCalledWith({ sort: "health_score" }, undefined);
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
});

test("what is typed ends up in the URL", async () => {
  fakeApi({ [LIST]: () => aPage([aRow()]) });
  const onSearch = show();
  await userEvent.type(screen.getByRole("searchbox"), "pum");
  await waitFor(() => expect(onSearch).toHaveBeenLastCalledWith({ q: "pum" }, { replace: true }));
});

test("a list without a match offers to clear what filters", async () => {
  fakeApi({ [LIST]: () => aPage([]) });
  const onSearch = show({ q: "nothing", filter: [{ column: "health_score", op: "ge", value: 40 }] });
  expect(await screen.findByText("Nothing matches")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(onSearch).toHaveBeenLastCalledWith({}, undefined);
});

test("an empty list offers to make a record", async () => {
  fakeApi({ [LIST]: () => aPage([]) });
  show();
  expect(await screen.findByText("There are no records here yet")).toBeTruthy();
  expect(screen.getAllByRole("button", { name: "New" })).toHaveLength(2);
});

test("without knowing who looks it asks who that is, and nothing of the server", () => {
  const requests = fakeApi({});
  show({ view: "team" }, null);
  expect(screen.getByText("Whose records are yours?")).toBeTruthy();
  expect(screen.getByRole("button", { name: "who" })).toBeTruthy();
  expect(requests).toEqual([]);
});

test("a problem is said and can be tried again", async () => {
  let isBroken = true;
  fakeApi({ [LIST]: () => (isBroken ? new FakeProblem(500, "no disk") : aPage([aRow()])) });
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  isBroken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("row", { name: /Pumps/ })).toBeTruthy();
});

test("the files hold what the list shows, in the reader's language", async () => {
  fakeApi({ [LIST]: () => aPage([aRow()]) });
  show({ q: "pump", columns: ["name", "health_score"] });
  await userEvent.click(await screen.findByRole("button", { name: "Export" }));
  const link = await screen.findByRole("menuitem", { name: "Excel workbook" });
  const address = new URL(link.getAttribute("href") ?? "", "http://localhost");
  expect(address.pathname).toBe("/api/v1/exports/opportunities");
  expect(["q", "columns", "format", "language", "viewer"].map((name) => address.searchParams.get(name))).toEqual([
    "pump",
    "name,health_score",
    "xlsx",
    "en",
    ANN,
  ]);
});

test("filters that hold are words, and each can be taken away", async () => {
  fakeApi({ [LIST]: () => aPage([aRow()]) });
  const score = { column: "health_score", op: "ge", value: 40 } as const;
  const onSearch = show({ filter: [score, { column: "health_trend", op: "in", value: ["declining"] }] });
  const chips = within(await screen.findByLabelText("Filters that hold"));
  const trend = chips.getByText("Health trend: Declining").closest("button");
  expect(chips.getByText("Health score from 40")).toBeTruthy();
  if (trend) await userEvent.click(trend);
  expect(onSearch).toHaveBeenLastCalledWith({ filter: [score] }, undefined);
});

test("all words are Dutch for whoever reads Dutch", async () => {
  fakeApi({ [LIST]: () => aPage([aRow()]) });
  renderPage(<ListPage table="opportunities" search={{}} onSearch={vi.fn()} viewer={ANN} viewerPicker={null} />, {
    viewer: ANN,
    language: "nl",
  });
  expect(await screen.findByText("Redelijk")).toBeTruthy();
  expect(screen.getByRole("columnheader", { name: "Relatiegezondheid" })).toBeTruthy();
});
