import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import type { ListSearch } from "./listSearch.ts";
import { ViewPicker } from "./ViewPicker.tsx";

const ANN = "ann@us.example";
const VIEWS = "GET /api/v1/list-views";
const OWN = { id: 3, table: "opportunities", name: "At risk", query: { view: "my", q: "pump" } };

function show(search: ListSearch, viewer: string | null = ANN) {
  const onSearch = vi.fn();
  renderPage(<ViewPicker table="opportunities" search={search} viewer={viewer} onSearch={onSearch} />, { viewer });
  return onSearch;
}

test("the title is the view's name, and changes it", async () => {
  fakeApi({ [VIEWS]: () => ({ items: [OWN] }) });
  const onSearch = show({ q: "x" });
  await userEvent.click(screen.getByRole("button", { name: "My Open Opportunities by Relationship" }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "My Team’s Closed Opportunities by Relationship" }));
  expect(onSearch).toHaveBeenCalledWith({ q: "x", saved: undefined, view: "team", state: "closed" });
});

test("a saved view brings back everything that was saved", async () => {
  fakeApi({ [VIEWS]: () => ({ items: [OWN, { ...OWN, id: 4, table: "contacts", name: "Elsewhere" }] }) });
  const onSearch = show({});
  await userEvent.click(screen.getByRole("button", { name: /by Relationship/ }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "At risk" }));
  expect(screen.queryByRole("menuitemradio", { name: "Elsewhere" })).toBeNull();
  expect(onSearch).toHaveBeenCalledWith({ view: "my", q: "pump", saved: 3 });
});

test("a view is saved under a name; what is wrong stands under it", async () => {
  let answer: unknown = new FakeProblem(400, "the name is taken");
  const requests = fakeApi({ [VIEWS]: () => ({ items: [] }), "POST /api/v1/list-views": () => answer });
  const onSearch = show({ q: "pump" });
  await userEvent.click(screen.getByRole("button", { name: /by Relationship/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Save as my view" }));
  await userEvent.type(await screen.findByRole("textbox", { name: /Name of the view/ }), "Pumps");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("the name is taken")).toBeTruthy();
  answer = { ...OWN, id: 9, name: "Pumps" };
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await vi.waitFor(() => expect(onSearch).toHaveBeenCalledWith({ q: "pump", saved: 9 }));
  expect(requests.findLast(({ method }) => method === "POST")?.body).toEqual({
    table: "opportunities",
    name: "Pumps",
    query: { q: "pump" },
  });
});

test("a saved view can be deleted", async () => {
  const requests = fakeApi({ [VIEWS]: () => ({ items: [OWN] }), "DELETE /api/v1/list-views/3": () => ({}) });
  const onSearch = show({ saved: 3, q: "pump" });
  await userEvent.click(await screen.findByRole("button", { name: "At risk" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete the view “At risk”" }));
  await vi.waitFor(() => expect(onSearch).toHaveBeenCalledWith({ saved: undefined, q: "pump" }));
  expect(requests.some(({ method }) => method === "DELETE")).toBe(true);
});

test("nobody can save before saying who they are", async () => {
  fakeApi({});
  show({ view: "all" }, null);
  await userEvent.click(screen.getByRole("button", { name: "All Open Opportunities by Relationship" }));
  expect((await screen.findByRole("menuitem", { name: "Save as my view" })).getAttribute("aria-disabled")).toBe("true");
});
