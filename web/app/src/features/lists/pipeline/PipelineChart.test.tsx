import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Condition, ListQuery } from "@/api/lists.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { aPipeline, aPoint } from "../fixtures.ts";
import PipelineChart from "./PipelineChart.tsx";

const PIPELINE = "GET /api/v1/pipeline";

function show(filter: Condition[] = []) {
  const onFilter = vi.fn();
  const query: ListQuery = { view: "my", viewer: "ann@us.example", state: "open", sort: "name", order: "asc", filter };
  renderPage(<PipelineChart query={query} onFilter={onFilter} />);
  return onFilter;
}

const POINTS = [
  aPoint(),
  aPoint({
    id: "o2",
    name: "Valves",
    days_until_close: 0,
    health_state: "not_enough_info",
    health_score: null,
    estimated_revenue: null,
  }),
  aPoint({ id: "o3", name: "Pipes", days_until_close: 40, health_state: "good", health_score: 80, estimated_revenue: 90000 }),
];

test("each opportunity is a bubble that says what it is", async () => {
  fakeApi({ [PIPELINE]: () => aPipeline(POINTS, 2, 1) });
  show();
  expect(await screen.findByRole("link", { name: "Pumps: Fair, 55, closes in 10 days, €12,500" })).toBeTruthy();
  const unknown = screen.getByRole("link", { name: /Valves: Not enough info, .* closes today/ });
  const best = screen.getByRole("link", { name: /Pipes/ });
  expect(unknown.getAttribute("fill")).toBe("var(--rapport-none)");
  expect(Number(unknown.getAttribute("r"))).toBeLessThan(Number(best.getAttribute("r")));
  expect(Number(unknown.getAttribute("cy"))).toBeGreaterThan(Number(best.getAttribute("cy")));
  expect(screen.getByText("2 are past their close date, one has no close date: they are not shown.")).toBeTruthy();
});

test("arrow keys go from bubble to bubble, left to right, with details", async () => {
  fakeApi({ [PIPELINE]: () => aPipeline(POINTS) });
  show();
  const first = await screen.findByRole("link", { name: /Valves/ });
  act(() => first.focus());
  expect(screen.getByText("Valves")).toBeTruthy();
  await userEvent.keyboard("{ArrowRight}");
  expect(document.activeElement?.getAttribute("data-id")).toBe("o1");
  await userEvent.keyboard("{End}");
  expect(document.activeElement?.getAttribute("data-id")).toBe("o3");
  await userEvent.keyboard("{ArrowRight}{Home}");
  expect(document.activeElement?.getAttribute("data-id")).toBe("o2");
});

test("an area in numbers filters the list; the chart keeps what it leaves out", async () => {
  const requests = fakeApi({ [PIPELINE]: () => aPipeline(POINTS) });
  const named: Condition = { column: "name", op: "contains", value: "p" };
  const onFilter = show([named, { column: "health_score", op: "le", value: 50 }]);
  await userEvent.click(await screen.findByRole("button", { name: "Filter the list by numbers" }));
  const upTo = await screen.findByRole("spinbutton", { name: "Days up to" });
  await userEvent.clear(upTo);
  await userEvent.type(upTo, "30");
  const from = screen.getByRole("spinbutton", { name: "Health from" });
  await userEvent.clear(from);
  await userEvent.type(from, "40");
  await userEvent.click(screen.getByRole("button", { name: "Filter the list" }));
  expect(onFilter).toHaveBeenLastCalledWith([
    named,
    { column: "estimated_close", op: "ge", value: "2026-11-24" },
    { column: "estimated_close", op: "le", value: "2026-12-24" },
    { column: "health_score", op: "le", value: 100 },
    { column: "health_score", op: "ge", value: 40 },
  ]);
  expect(requests[0]?.search.get("filter")).toBe(JSON.stringify([named]));
  await userEvent.click(screen.getByRole("button", { name: "Show all in the list again" }));
  expect(onFilter).toHaveBeenLastCalledWith([named]);
});

test("the bottom of the chart holds deals without health, in the list too", async () => {
  fakeApi({ [PIPELINE]: () => aPipeline(POINTS) });
  const onFilter = show();
  await userEvent.click(await screen.findByRole("button", { name: "Filter the list by numbers" }));
  const upTo = await screen.findByRole("spinbutton", { name: "Health up to" });
  await userEvent.clear(upTo);
  await userEvent.type(upTo, "39");
  await userEvent.click(screen.getByRole("button", { name: "Filter the list" }));
  expect(onFilter.mock.lastCall?.[0]).toContainEqual({ column: "health_score", op: "le_or_empty", value: 39 });
});

test("nothing to show and a problem are said", async () => {
  let answer: unknown = new FakeProblem(500, "no disk");
  fakeApi({ [PIPELINE]: () => answer });
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  answer = aPipeline([], 0, 3);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("No open opportunity closes in the days to come")).toBeTruthy();
  expect(screen.getByText("None is past its close date, 3 have no close date: they are not shown.")).toBeTruthy();
});
