import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { anIntroducer, whoKnows } from "@/components/who-knows/fixtures.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { WhoKnowsPage } from "./WhoKnowsPage.tsx";
import type { WhoKnowsSearch } from "./whoKnowsSearch.ts";

const WHO_KNOWS = "GET /api/v1/who-knows";
const SEARCH = "GET /api/v1/search";

beforeEach(() => localStorage.clear());

function show(search: WhoKnowsSearch = {}) {
  const onSearch = vi.fn();
  renderPage(<WhoKnowsPage search={search} onSearch={onSearch} />);
  return onSearch;
}

test("begins with what can be asked", () => {
  const requests = fakeApi({});
  show();
  expect(screen.getByText("Who can open a door?")).toBeTruthy();
  expect(requests).toEqual([]);
});

test("any address can be asked for", async () => {
  fakeApi({ [SEARCH]: () => ({ items: [] }) });
  const onSearch = show();
  await userEvent.type(screen.getByRole("searchbox"), " acme.example {Enter}");
  expect(onSearch).toHaveBeenCalledWith({ target: "acme.example" });
});

test("people and records are suggested while one types, users are not", async () => {
  const items = [
    { kind: "contact", table: "contacts", id: "c1", name: "Pim Timmermans", detail: "Acme", email: "pim@acme.example" },
    { kind: "person", id: "po@acme.example", name: "Po", email: "po@acme.example" },
    { kind: "user", name: "Paul User", email: "paul@us.example" },
  ];
  fakeApi({ [SEARCH]: () => ({ items }) });
  const onSearch = show({ hops: 2 });
  await userEvent.type(screen.getByRole("searchbox"), "p");
  const suggestions = within(await screen.findByRole("list", { name: "Suggestions" }));
  expect(suggestions.queryByText(/Paul/)).toBeNull();
  await userEvent.click(suggestions.getByRole("button", { name: "Pim Timmermans · Acme" }));
  expect(onSearch).toHaveBeenCalledWith({ target: "contact:c1", hops: 2 });
});

test("shows who knows a company, and the ways over one person with both strengths", async () => {
  const paths = [
    {
      colleague: "bo@us.example",
      colleague_name: "Bo Bakker",
      via: "jo@bolt.example",
      via_name: "Jo Jansen",
      strength_first: 61,
      strength_second: 44,
    },
  ];
  const answer = whoKnows([anIntroducer()], { target_kind: "company", target_name: "acme.example", paths });
  const requests = fakeApi({ [WHO_KNOWS]: () => answer });
  show({ target: "acme.example", hops: 2 });
  expect(await screen.findByRole("heading", { name: "Who of us knows somebody at acme.example" })).toBeTruthy();
  const path = screen.getByText("Bo Bakker").closest("li");
  expect(path?.textContent).toBe("Bo Bakker— 61 →Jo Jansen— 44 →acme.example");
  expect(requests[0]?.search.get("hops")).toBe("2");
});

test("no way is said as such; one can ask for ways", async () => {
  fakeApi({ [WHO_KNOWS]: () => whoKnows([]) });
  const onSearch = show({ target: "pim@acme.example" });
  await userEvent.click(await screen.findByRole("button", { name: "Look for a way over one person" }));
  expect(onSearch).toHaveBeenCalledWith({ target: "pim@acme.example", hops: 2 });
});

test("what is no address is explained by the server", async () => {
  fakeApi({ [WHO_KNOWS]: () => new FakeProblem(400, "`target`: `a b` is no address") });
  show({ target: "a b" });
  expect((await screen.findByRole("alert")).textContent).toContain("`a b` is no address");
});
