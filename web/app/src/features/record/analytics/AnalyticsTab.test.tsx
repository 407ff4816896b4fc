import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Table } from "@/api/words.ts";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ANSWERS, someInsights } from "../fixtures.ts";
import AnalyticsTab from "./AnalyticsTab.tsx";

/** Names of the widgets that a record shows, once its figures are here. */
async function widgetsOf(table: Table) {
  fakeApi({ ...ANSWERS, [`GET /api/v1/${table}/o1/insights`]: () => someInsights({ table }) });
  const { container } = renderPage(<AnalyticsTab table={table} id="o1" asOf={undefined} />);
  await screen.findByText("55 of 100");
  return [...container.querySelectorAll("[data-widget]")].map((widget) => widget.getAttribute("data-widget"));
}

const FOR_ALL = [
  "summary",
  "health",
  "interactions",
  "email-engagement",
  "response-time-us",
  "response-time-them",
  "ratio-us",
  "ratio-them",
  "why-score",
  "activities",
];
const WITH_PEOPLE = ["investment-us", "investment-them", "most-contacted", "most-contacted-by"];

test.each([
  ["accounts", [...FOR_ALL, ...WITH_PEOPLE]],
  ["contacts", [...FOR_ALL, "who-knows"]],
  ["leads", [...FOR_ALL, ...WITH_PEOPLE, "who-knows"]],
  ["opportunities", [...FOR_ALL, ...WITH_PEOPLE, "similar-deals"]],
] as const)("%s show the widgets that they should", async (table, expected) => {
  expect((await widgetsOf(table)).toSorted()).toEqual([...expected].toSorted());
});

/** What stands at a path of an answer, as an attribute would hold it. */
function valueAt(answer: unknown, path: string): string {
  const value = path.split(".").reduce<unknown>((node, name) => (node as Record<string, unknown> | null)?.[name], answer);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

test("every figure holds the server's own value", async () => {
  await widgetsOf("opportunities");
  const insights: unknown = someInsights();
  const figures = [...document.querySelectorAll<HTMLElement>("[data-figure]")];
  expect(figures.length).toBeGreaterThan(30);
  for (const { dataset } of figures) {
    expect(dataset.value, dataset.figure).toBe(valueAt(insights, dataset.figure ?? ""));
  }
});

test("headings descend without a gap", async () => {
  await widgetsOf("opportunities");
  const levels = screen.getAllByRole("heading").map(({ tagName }) => Number(tagName.slice(1)));
  expect(levels[0]).toBe(2);
  expect(levels.every((level, i) => i === 0 || level <= (levels[i - 1] ?? 0) + 1)).toBe(true);
});

test("interactions stand beside the average of similar won deals", async () => {
  await widgetsOf("opportunities");
  const emails = within(screen.getByRole("list", { name: "Emails" }));
  expect(emails.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "You66",
    "Customer32",
    "Similar won deals (one deal)27.7",
  ]);
});
