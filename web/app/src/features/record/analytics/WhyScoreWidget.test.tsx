import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { aHealth, ANSWERS, someInsights } from "../fixtures.ts";
import { WhyScoreWidget } from "./WhyScoreWidget.tsx";

const RECORD = { table: "opportunities", id: "o1", asOf: null, pageAsOf: undefined } as const;

test("contributions, formula, settings, and what would change the score", async () => {
  fakeApi(ANSWERS);
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights()} />);
  const sums = within(screen.getByRole("table", { name: "What each day adds" }));
  expect(sums.getByRole("row", { name: /^17 Nov 2026 Meeting 7 1.50 0.750$/ })).toBeTruthy();
  expect(sums.getByRole("row", { name: /^Sum 1.500$/ })).toBeTruthy();
  expect(screen.getByText(/u = memory × mutuality × freshness \/ expectation/)).toBeTruthy();
  expect(screen.getByText(/u = 1\.500 × 0\.950 × 0\.964 \/ 7\.151 = 0\.192/)).toBeTruthy();
  expect(screen.getByText("1 today, a half after 21 days without contact")).toBeTruthy();
  expect(screen.getByText("Model v2.")).toBeTruthy();
  expect(screen.getByText("A meeting today would make this 64 (Good).")).toBeTruthy();
  expect(screen.getByText("Some kinds weigh more or less: Meeting +50% and Task -20%.")).toBeTruthy();
  const history = within(await screen.findByRole("table", { name: "Days on which the score changed" }));
  expect(history.getAllByRole("row").map((row) => row.textContent)).toEqual([
    "DayScore",
    "24 Nov 202655",
    "23 Nov 202657",
    "22 Nov 2026---",
  ]);
});

test("speaks of that day when the page is shown as of a day in the past, with Dutch decimals", () => {
  fakeApi(ANSWERS);
  renderPage(<WhyScoreWidget {...RECORD} pageAsOf="2026-08-12T21:59:59Z" insights={someInsights()} />, { language: "nl" });
  expect(screen.getByText("Met een vergadering op die dag was dit 64 geweest (Goed).")).toBeTruthy();
  expect(screen.getByText(/u = 1,500 × 0,950 × 0,964 \/ 7,151 = 0,192/)).toBeTruthy();
  expect(screen.getByText("vandaag 1, na 21 dagen zonder contact de helft")).toBeTruthy();
});

test("explains model v1 by its own terms", () => {
  fakeApi(ANSWERS);
  const health = aHealth({ model: "v1", expectation: 2.283, mutual: null, freshness: null });
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights({ health })} />);
  expect(screen.getByText(/= 100 × \(1 − 2\^\(−1\.5 × 0\.900 × 1\.500 \/ 2\.283\)\)/)).toBeTruthy();
  expect(screen.getByText("Model v1.")).toBeTruthy();
  expect(screen.queryByText("Freshness")).toBeNull();
});

test("without a score the formula stops, and says so", () => {
  fakeApi(ANSWERS);
  const health = aHealth({ state: "not_enough_info", score: null, score_if_met_today: null });
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights({ health })} />);
  expect(screen.getByText("There is no score (Not enough info), so the formula stops here.")).toBeTruthy();
});

test("without any contact there is nothing to explain", () => {
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights({ health: aHealth({ contributions: [] }) })} />);
  expect(screen.getByText("There is nothing to explain yet")).toBeTruthy();
});

test("a history that fails does not take the explanation with it", async () => {
  fakeApi({ ...ANSWERS, "GET /api/v1/opportunities/o1/history": () => new FakeProblem(500, "no disk") });
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights()} />);
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  expect(screen.getByText("A meeting today would make this 64 (Good).")).toBeTruthy();
});

test("everybody may see a chart as a table", async () => {
  fakeApi(ANSWERS);
  renderPage(<WhyScoreWidget {...RECORD} insights={someInsights()} />);
  const [first] = screen.getAllByRole("button", { name: "Show as table" });
  if (first) await userEvent.click(first);
  expect(screen.getByRole("region", { name: "What each day adds" })).toBeTruthy();
});
