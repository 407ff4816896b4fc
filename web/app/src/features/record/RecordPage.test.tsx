import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ANSWERS, someInsights } from "./fixtures.ts";
import { RecordPage } from "./RecordPage.tsx";

const PAST = "2026-08-12T23:59:59.000Z";

test("says what the record is and how it stands", async () => {
  fakeApi(ANSWERS);
  renderPage(<RecordPage table="opportunities" id="o1" search={{}} onSearch={vi.fn()} />);
  expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe("Pumps");
  const header = within(screen.getByRole("banner"));
  expect(await header.findByRole("link", { name: "Acme" })).toBeTruthy();
  for (const fact of ["Ann Vos", "Open", "€12,500", "Fair", "Declining"]) expect(await header.findByText(fact)).toBeTruthy();
});

test("tabs stand in the URL, and the moment stays", async () => {
  fakeApi(ANSWERS);
  const onSearch = vi.fn();
  renderPage(<RecordPage table="opportunities" id="o1" search={{ as_of: PAST }} onSearch={onSearch} />);
  await userEvent.click(await screen.findByRole("tab", { name: "Relationship Analytics" }));
  expect(onSearch).toHaveBeenCalledWith({ as_of: PAST, tab: "analytics" });
});

test("everything on the page is asked as of the chosen moment", async () => {
  const requests = fakeApi(ANSWERS);
  renderPage(<RecordPage table="opportunities" id="o1" search={{ tab: "analytics", as_of: PAST }} onSearch={vi.fn()} />);
  expect(await screen.findByText("The page as it stood on 12 Aug 2026")).toBeTruthy();
  for (const what of ["insights", "similar", "history"]) {
    await waitFor(() => {
      const moments = requests.filter(({ path }) => path.endsWith(`/${what}`)).map(({ search }) => search.get("as_of"));
      expect(moments).toContain(PAST);
    });
  }
});

test("the slider reaches as far as the first contact", async () => {
  const health = {
    ...someInsights().health,
    contributions: [{ date: "2026-08-16", kind: "email", age_days: 100, weight: 1, value: 0.1 }],
  };
  fakeApi({ ...ANSWERS, "GET /api/v1/opportunities/o1/insights": () => someInsights({ health }) });
  renderPage(<RecordPage table="opportunities" id="o1" search={{}} onSearch={vi.fn()} />);
  await waitFor(() => expect(screen.getByRole("slider").getAttribute("min")).toBe("-100"));
});

test("a record that is not there is said as such, in Dutch", async () => {
  fakeApi({});
  renderPage(<RecordPage table="contacts" id="c9" search={{}} onSearch={vi.fn()} />, { language: "nl" });
  expect(await screen.findByText("Hier is niets")).toBeTruthy();
});

test("a problem can be tried again", async () => {
  let isBroken = true;
  fakeApi({
    ...ANSWERS,
    "GET /api/v1/opportunities/o1/insights": () => (isBroken ? new FakeProblem(500, "no disk") : someInsights()),
  });
  renderPage(<RecordPage table="opportunities" id="o1" search={{ tab: "analytics" }} onSearch={vi.fn()} />);
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  isBroken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("region", { name: "Relationship health" })).toBeTruthy();
});

test("a new record can be begun from here", async () => {
  fakeApi(ANSWERS);
  renderPage(<RecordPage table="opportunities" id="o1" search={{ tab: "analytics" }} onSearch={vi.fn()} />);
  await userEvent.click(within(screen.getByRole("toolbar", { name: "Commands" })).getByRole("button", { name: "New" }));
  expect(await screen.findByRole("dialog")).toBeTruthy();
});
