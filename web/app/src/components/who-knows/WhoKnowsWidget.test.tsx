import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { anIntroducer, whoKnows } from "./fixtures.ts";
import { WhoKnowsWidget } from "./WhoKnowsWidget.tsx";

const WHO_KNOWS = "GET /api/v1/who-knows";
const BO = anIntroducer({ colleague: "bo@us.example", name: "Bo Bakker", strength: 31, grade: "weak" });

beforeEach(() => localStorage.clear());

function show(asOf?: string) {
  renderPage(<WhoKnowsWidget target="pim@acme.example" targetName="Pim Timmermans" asOf={asOf} />);
}

test("asks for five; lines are as wide as ties are strong", async () => {
  const requests = fakeApi({ [WHO_KNOWS]: () => whoKnows([anIntroducer(), BO]) });
  show();
  const graph = await screen.findByRole("group", { name: "Pim Timmermans and 2 colleagues who know them; arrow keys go around" });
  const widths = [...graph.querySelectorAll("line")].map((line) => Number(line.getAttribute("stroke-width")));
  expect(widths).toHaveLength(2);
  expect(widths[0]).toBeGreaterThan(widths[1] ?? Infinity);
  const asked = requests.find(({ path }) => path === "/api/v1/who-knows");
  expect([asked?.search.get("limit"), asked?.search.get("hops")]).toEqual(["5", "1"]);
});

test("the keyboard goes around the graph and opens a colleague's card", async () => {
  fakeApi({ [WHO_KNOWS]: () => whoKnows([anIntroducer(), BO]) });
  show();
  const ann = await screen.findByRole("button", { name: "Ann Vos: Strong connection, 82 of 100" });
  act(() => ann.focus());
  await userEvent.keyboard("{ArrowRight}");
  expect(document.activeElement?.getAttribute("aria-label")).toContain("Bo Bakker");
  await userEvent.keyboard("{ArrowRight}{Enter}");
  const card = within(await screen.findByRole("dialog"));
  expect(card.getByText("34 emails, 5 meetings, 1 phone calls; begun 6 times by us, 3 times by them")).toBeTruthy();
  expect(card.getByText("Last in touch on 17 Nov 2026; 84% likely to be again within 30 days")).toBeTruthy();
  for (const measure of ["Activity", "Directness", "Mutuality"]) expect(card.getByText(measure)).toBeTruthy();
});

test("graph or list is remembered", async () => {
  fakeApi({ [WHO_KNOWS]: () => whoKnows([anIntroducer(), BO]) });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Show as list" }));
  const names = screen.getAllByRole("listitem").map((row) => row.textContent);
  expect(names[0]).toContain("Ann Vos");
  expect(names[1]).toContain("Bo Bakker");
  expect(localStorage.getItem("rapport-who-knows-mode")).toBe("list");
});

test("whoever is signed in asks, or sends the text oneself", async () => {
  fakeApi({
    [WHO_KNOWS]: () => whoKnows([anIntroducer()]),
    "GET /api/v1/me": () => ({
      viewer: { name: "Bo Bakker" },
      introducers: 5,
      introduction_template: "",
      is_local_administrator: false,
    }),
    "POST /api/v1/introductions": () => ({ id: 1, state: "requested" }),
  });
  localStorage.setItem("rapport-who-knows-mode", "list");
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Get introduced by Ann Vos" }));
  await userEvent.click(await screen.findByRole("button", { name: "Get introduced" }));
  const message = await screen.findByRole("textbox", { name: "Message" });
  expect((message as HTMLTextAreaElement).value).toContain("Could you please introduce me to Pim Timmermans?");
  const address = screen.getByRole("link", { name: "Open in e-mail" }).getAttribute("href") ?? "";
  expect(address.startsWith("mailto:ann%40us.example?subject=An%20introduction%20to%20Pim")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Send the request" }));
  expect(await screen.findByText(/Your colleague is asked/)).toBeTruthy();
});

test("who wants to be asked first has a grade and no name", async () => {
  const hidden = { colleague: null, name: null, title: null, strength: null, asks_first: true, handle: "h1", contributions: [] };
  fakeApi({
    [WHO_KNOWS]: () => whoKnows([anIntroducer(hidden)], { missing_counts: [{ reason: "not_available", colleagues: 2 }] }),
  });
  localStorage.setItem("rapport-who-knows-mode", "graph");
  show();
  await userEvent.click(await screen.findByRole("button", { name: "A colleague, Strong connection" }));
  const card = within(await screen.findByRole("dialog"));
  expect(card.getByText(/wants to be asked first/)).toBeTruthy();
  expect(card.queryByText("Activity")).toBeNull();
  await userEvent.click(card.getByRole("button", { name: "Close" }));
  await userEvent.click(screen.getByRole("button", { name: "2 colleagues are not shown" }));
  expect(screen.getByText("Not available").nextElementSibling?.textContent).toBe("2");
});

test("nobody knows them: that is said, with a way on and who is missing why", async () => {
  const missing = [
    { colleague: "bo@us.example", name: "Bo Bakker", reason: "opted_out" },
    { colleague: "cy@us.example", name: "Cy Smit", reason: "left_company" },
  ];
  fakeApi({ [WHO_KNOWS]: () => whoKnows([], { missing }) });
  show();
  expect(await screen.findByText("Nobody here is in touch with Pim Timmermans")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Look for a way over one person" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "2 colleagues are not shown" }));
  expect(screen.getByText("Opted out").nextElementSibling?.textContent).toBe("Bo Bakker");
  expect(screen.getByText("Left the company").nextElementSibling?.textContent).toBe("Cy Smit");
});

test("works council mode tells no past, and says so", async () => {
  fakeApi({
    [WHO_KNOWS]: () => new FakeProblem(403, "who knows whom is told as of now only"),
    "GET /api/v1/me": () => ({ viewer: null, introducers: 5, works_council: true }),
  });
  show("2026-06-30T21:59:59Z");
  expect(await screen.findByText("Told as of today only")).toBeTruthy();
  expect(screen.getByText(/Works council mode is on/)).toBeTruthy();
});

test("a problem is said", async () => {
  fakeApi({ [WHO_KNOWS]: () => new FakeProblem(500, "no disk") });
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
});
