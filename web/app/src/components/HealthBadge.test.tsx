import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { HealthBadge } from "./HealthBadge.tsx";

test("says the word and the score", () => {
  renderPage(<HealthBadge state="good" score={71} />);
  expect(screen.getByText("Good")).toBeTruthy();
  expect(screen.getByText("71")).toBeTruthy();
});

test("says why there is no score, in Dutch too, and shows no zero", () => {
  const { container } = renderPage(<HealthBadge state="not_enough_info" score={null} />, { language: "nl" });
  expect(container.textContent).toBe("Onvoldoende gegevens");
});
