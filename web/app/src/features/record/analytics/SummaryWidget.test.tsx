import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { someInsights } from "../fixtures.ts";
import { SummaryWidget } from "./SummaryWidget.tsx";

test("all sentences side by side where there is room", () => {
  renderPage(<SummaryWidget insights={someInsights()} asOf={null} />);
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(someInsights().summary);
});

test("one after the other on a phone", async () => {
  const anywhere = globalThis.matchMedia("all");
  vi.spyOn(globalThis, "matchMedia").mockReturnValue(Object.assign(anywhere, { matches: true }));
  renderPage(<SummaryWidget insights={someInsights()} asOf={null} />);
  expect(screen.queryByText("18 messages wait for your answer.")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Next sentence" }));
  expect(screen.getByText("18 messages wait for your answer.")).toBeTruthy();
  expect(screen.getByText("2 of 2")).toBeTruthy();
});

test("says when there is nothing to tell", () => {
  renderPage(<SummaryWidget insights={someInsights({ summary: [] })} asOf={null} />, { language: "nl" });
  expect(screen.getByText("Er valt nog niets te vertellen")).toBeTruthy();
});
