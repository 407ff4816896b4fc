import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ApiProblem } from "@/api/client.ts";
import { renderPage } from "@/testing/render.tsx";
import { similarDeals } from "../fixtures.ts";
import { SimilarDealsWidget } from "./SimilarDealsWidget.tsx";

test("names the deals and what the likeness rests on; what is unknown is no zero", () => {
  renderPage(<SimilarDealsWidget similar={similarDeals()} problem={null} retry={vi.fn()} />);
  expect(screen.getByText("Likeness rests on revenue 60% and country 40%")).toBeTruthy();
  expect(screen.getByRole("row", { name: /^Valves Bolt 63% 84 --- 25.31 h 45%/ })).toBeTruthy();
});

test("the largest won deals are marked as such", () => {
  renderPage(<SimilarDealsWidget similar={similarDeals({ basis: "largest" })} problem={null} retry={vi.fn()} />);
  expect(screen.getByText(/No won deal is similar, so these are the largest/)).toBeTruthy();
});

test("says how many closed deals are missing, in Dutch", () => {
  const similar = similarDeals({
    state: "too_few_closed_deals",
    basis: null,
    won: 12,
    lost: 3,
    fields: [],
    deals: [],
    comparison: {},
  });
  renderPage(<SimilarDealsWidget similar={similar} problem={null} retry={vi.fn()} />, { language: "nl" });
  expect(screen.getByText(/Er zijn 30 gewonnen en 30 verloren verkoopkansen nodig; er zijn er 12 en 3/)).toBeTruthy();
});

test("says that it is switched off", () => {
  const similar = similarDeals({ state: "switched_off", basis: null, fields: [], deals: [], comparison: {} });
  renderPage(<SimilarDealsWidget similar={similar} problem={null} retry={vi.fn()} />);
  expect(screen.getByText("Similar won deals are switched off")).toBeTruthy();
});

test("fails alone", () => {
  renderPage(<SimilarDealsWidget similar={undefined} problem={new ApiProblem(500, "no disk", null)} retry={vi.fn()} />);
  expect(screen.getByRole("alert").textContent).toContain("no disk");
});
