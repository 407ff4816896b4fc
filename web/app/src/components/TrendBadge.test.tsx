import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { TrendBadge } from "./TrendBadge.tsx";

test("says the trend beside its arrow", () => {
  const { container } = renderPage(<TrendBadge trend="declining" />);
  expect(screen.getByText("Declining")).toBeTruthy();
  expect(container.querySelectorAll("svg")).toHaveLength(1);
});

test("has no arrow where there is no trend", () => {
  const { container } = renderPage(<TrendBadge trend="not_enough_info" />);
  expect(container.querySelectorAll("svg")).toHaveLength(0);
});
