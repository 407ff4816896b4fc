import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ApiProblem } from "@/api/client.ts";
import { fakeApi } from "@/testing/fakeApi.ts";
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

const me = (...tasks: string[]) => ({ "GET /api/v1/me": () => ({ rights: { reads: "user", writes: "user", tasks } }) });

test("what is switched off leads to the reason, and an administrator to where it is switched on", async () => {
  const problem = new ApiProblem(403, "who knows whom is switched off", null, "not_enabled");
  const requests = fakeApi(me());
  const { unmount } = renderPage(<ProblemState problem={problem} />);
  expect(screen.getByText("This is switched off")).toBeTruthy();
  await waitFor(() => expect(requests).toHaveLength(1));
  expect(screen.getByRole("link", { name: "Why can’t I see this?" }).getAttribute("href")).toBe("/why");
  expect(screen.queryByRole("link", { name: "Overview" })).toBeNull();
  unmount();
  fakeApi(me("configure"));
  renderPage(<ProblemState problem={problem} />);
  expect((await screen.findByRole("link", { name: "Overview" })).getAttribute("href")).toBe("/settings/overview");
});

test.each([
  [401, "signed_out", "U bent niet meer ingelogd"],
  [403, "cross_site", "Een andere site vroeg hierom"],
  [503, "busy", "De server is bezig: probeer het zo weer"],
  [507, "full", "De schijf van de server is vol"],
  [500, "fault", "Dat is niet gelukt"],
])("what went wrong is said in the reader's language above the server's words: %i", (status, kind, title) => {
  renderPage(<ProblemState problem={new ApiProblem(status, "in English", null, kind)} />, { language: "nl" });
  expect(screen.getByRole("alert").textContent).toBe(`${title}in English`);
});
