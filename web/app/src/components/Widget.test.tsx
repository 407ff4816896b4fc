import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ApiProblem } from "@/api/client.ts";
import { renderPage } from "@/testing/render.tsx";
import { Widget } from "./Widget.tsx";

const INFO = { what: "Hours of ours.", how: "Minutes added up.", data: "Mail and meetings." };

test("the info pane says what, how, from what data, as of when", async () => {
  renderPage(
    <Widget name="hours" title="Our hours" info={INFO} asOf="2026-03-02T09:00:00Z">
      12
    </Widget>,
  );
  await userEvent.click(screen.getByRole("button", { name: "About “Our hours”" }));
  for (const text of [INFO.what, INFO.how, INFO.data, "2 Mar 2026, 09:00"]) expect(screen.getByText(text)).toBeTruthy();
});

test("shows neither old content nor a skeleton beside a problem", () => {
  renderPage(
    <Widget name="hours" title="Our hours" info={INFO} problem={new ApiProblem(404, "", null)} isLoading>
      12
    </Widget>,
  );
  expect(screen.queryByText("12")).toBeNull();
  expect(screen.getByText("There is nothing here")).toBeTruthy();
});

test("says that it is loading", () => {
  renderPage(
    <Widget name="hours" title="Our hours" info={INFO} isLoading>
      12
    </Widget>,
  );
  expect(screen.getByRole("region", { name: "Our hours" }).getAttribute("aria-busy")).toBe("true");
});

function Broken(): never {
  throw new Error("no figures");
}

test("a widget that breaks does not break the page", () => {
  renderPage(
    <Widget name="hours" title="Our hours" info={INFO}>
      <Broken />
    </Widget>,
  );
  expect(screen.getByRole("alert").textContent).toContain("no figures");
});
