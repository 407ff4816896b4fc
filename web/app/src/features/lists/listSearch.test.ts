import { expect, test } from "vitest";
import { listQuery, listSearch, type ListSearch } from "./listSearch.ts";

test("everything that the URL holds comes back", () => {
  const search: ListSearch = {
    view: "team",
    state: "closed",
    sort: "health_score",
    order: "desc",
    q: "acme",
    filter: [
      { column: "health_state", op: "in", value: ["good", "fair"] },
      { column: "last_at", op: "empty" },
      { column: "health_score", op: "ge", value: 40 },
    ],
    columns: ["name", "owner_name"],
    chart: true,
    saved: 3,
  };
  expect(listSearch(JSON.parse(JSON.stringify(search)) as Record<string, unknown>)).toEqual(search);
});

test("what makes no sense is left out", () => {
  expect(
    listSearch({
      view: "theirs",
      order: 1,
      filter: [{ column: 1 }, { column: "name", op: "like" }, null],
      columns: "name",
      chart: "yes",
    }),
  ).toEqual({});
});

test("a number typed into the box stays a text", () => {
  expect(listSearch({ q: 300 }).q).toBe("300");
});

test("one's own open records are usual once it is known who looks", () => {
  expect(listQuery("opportunities", {}, null)).toMatchObject({ view: "all", viewer: undefined, state: "open" });
  expect(listQuery("opportunities", {}, "ann@us.example")).toMatchObject({ view: "my", viewer: "ann@us.example" });
  expect(listQuery("contacts", { view: "all" }, "ann@us.example")).toMatchObject({
    view: "all",
    viewer: undefined,
    state: "all",
  });
});
