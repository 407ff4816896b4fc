import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ApiProblem } from "@/api/client.ts";
import { renderPage } from "@/testing/render.tsx";
import { ProblemState } from "./ProblemState.tsx";

test("a record that may not be seen looks like a missing one", () => {
  renderPage(<ProblemState problem={new ApiProblem(404, "there is no contact `c9`", null)} />);
  expect(screen.getByText("There is nothing here")).toBeTruthy();
});

test("what is forbidden is said as such", () => {
  renderPage(<ProblemState problem={new ApiProblem(403, "no", null)} />);
  expect(screen.getByText("You have no permission to see this")).toBeTruthy();
});

test("an error shows the server's words with its hint and can be tried again", async () => {
  const retry = vi.fn();
  renderPage(<ProblemState problem={new ApiProblem(500, "the store is full", "make room")} retry={retry} />);
  expect(screen.getByRole("alert").textContent).toContain("the store is full make room");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

test("what is switched off leads to where it is switched on", () => {
  renderPage(<ProblemState problem={new ApiProblem(403, "who knows whom is switched off", null, "not_enabled")} />);
  expect(screen.getByText("This is switched off")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Overview" }).getAttribute("href")).toBe("/settings/overview");
});
