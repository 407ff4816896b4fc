import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { aHealth, someInsights } from "../fixtures.ts";
import { HealthWidget } from "./HealthWidget.tsx";

function renderHealth(changes: Parameters<typeof aHealth>[0], language: "en" | "nl" = "en") {
  const insights = someInsights({ health: aHealth(changes) });
  renderPage(<HealthWidget insights={insights} asOf={insights.as_of} hasOccurrences />, { language });
}

test("grade, score, trend, likelihood, silence, and what was last and comes next", () => {
  renderHealth({});
  for (const text of [
    "Fair",
    "55 of 100",
    "Declining",
    "Likely to stay in touch: 61% for the next 30 days",
    "So long a silence is unusual here: 1% of the silences before lasted as long.",
    "Not scheduled",
    "17 Nov 2026, 09:18",
    "Demo",
  ])
    expect(screen.getByText(text)).toBeTruthy();
});

test("a relationship at risk is said as such, in Dutch", () => {
  renderHealth({ likelihood_30d: 0.2, silence_surprise: 0.6 }, "nl");
  expect(screen.getByText("Risico: 20% kans op contact in de komende 30 dagen")).toBeTruthy();
  expect(screen.getByText(/Een stilte als deze is hier gewoon: 60%/)).toBeTruthy();
});

test("a new relationship has no trend, and one day tells nothing about silences", () => {
  const [day] = aHealth().contributions;
  renderHealth({ new_relationship: true, trend: "not_enough_info", contributions: day ? [day] : [], silence_surprise: 1 });
  expect(screen.getByText("New relationship")).toBeTruthy();
  expect(screen.getByText(/In touch on one day only/)).toBeTruthy();
});

test.each([
  ["not_enough_info", "It takes contact on two days of the last two years."],
  ["older_than_two_years", "All contact lies more than two years back."],
  ["no_closed_activities", "Something is planned, nothing is completed yet."],
  ["computing", "The score is being computed."],
  ["error", "The score could not be computed."],
])("%s is explained, and is no zero", (state, explanation) => {
  renderHealth({ state, score: null, likelihood_30d: null, silence_surprise: null });
  expect(screen.getByText(explanation)).toBeTruthy();
  expect(document.querySelector("[data-figure='health.score']")).toBeNull();
});

test("a closed deal shows the score with which it was closed", () => {
  renderHealth({
    state: "not_applicable",
    score: null,
    last_score: 62,
    last_state: "good",
    likelihood_30d: null,
    silence_surprise: null,
  });
  expect(screen.getByText("Score when it was closed:", { exact: false }).textContent).toContain("Good62");
});

test("an account's health is marked as a roll-up", () => {
  renderHealth({ rollup: true });
  expect(screen.getByText("Roll-up of all people of the account")).toBeTruthy();
});
