import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Dashboard } from "@/api/dashboard.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { DashboardPage } from "./DashboardPage.tsx";

const DASHBOARD = "GET /api/v1/dashboard";
const ANN = "ann@us.example";

function aDashboard(changes: Partial<Dashboard> = {}): Dashboard {
  return {
    as_of: "2026-11-24T12:00:00Z",
    counts: { good: 7, fair: 4, poor: 2, other: 1 },
    at_risk: [],
    newly_warm: [],
    next_interactions: [],
    closing_soon: [],
    ...changes,
  };
}

function show(viewer: string | null = ANN) {
  renderPage(<DashboardPage viewer={viewer} viewerPicker={<button type="button">who</button>} />, { viewer });
}

test("counts one's relationships by health, and leads to the list of each", async () => {
  const requests = fakeApi({ [DASHBOARD]: () => aDashboard() });
  show();
  const counts = within(screen.getByRole("list", { name: "Relationships by health" }));
  await waitFor(() =>
    expect(counts.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "7Good",
      "4Fair",
      "2Poor",
      "1Without a score",
    ]),
  );
  const address = decodeURIComponent(counts.getByRole("link", { name: "Poor" }).getAttribute("href") ?? "");
  expect(address).toContain('"column":"health_state","op":"in","value":["poor"]');
  expect([requests[0]?.search.get("view"), requests[0]?.search.get("viewer")]).toEqual(["my", ANN]);
});

test("each tile says why something is in it, or that nothing is", async () => {
  const risk = {
    table: "contacts",
    id: "c1",
    name: "Pim Timmermans",
    account: "Acme",
    health_state: "fair",
    health_score: 55,
    health_trend: "declining",
    reasons: ["declining", "silent"],
    last_at: "2026-11-10T12:00:00Z",
    likelihood_30d: 0.61,
  };
  fakeApi({ [DASHBOARD]: () => aDashboard({ at_risk: [risk] }) });
  show();
  const tile = within(await screen.findByRole("region", { name: "At risk" }));
  expect((await tile.findByRole("link", { name: "Pim Timmermans" })).getAttribute("href")).toContain("/contacts/c1");
  for (const text of ["Contact · Acme", "Declining", "Unusually silent", "61% in touch within 30 days"])
    expect(tile.getByText(text)).toBeTruthy();
  expect(screen.getByText("Nothing has warmed up lately")).toBeTruthy();
  expect(screen.getByText("Nothing is planned")).toBeTruthy();
  expect(screen.getByText("No deal is in that corner")).toBeTruthy();
});

test("the team's are asked for", async () => {
  const requests = fakeApi({ [DASHBOARD]: () => aDashboard() });
  show();
  await userEvent.click(screen.getByRole("tab", { name: "My team’s" }));
  await waitFor(() => expect(requests.at(-1)?.search.get("view")).toBe("team"));
});

test("without knowing who looks it shows everyone's, and asks", async () => {
  const requests = fakeApi({ [DASHBOARD]: () => aDashboard() });
  show(null);
  expect(screen.getByRole("button", { name: "who" })).toBeTruthy();
  await waitFor(() => expect(requests[0]?.search.get("view")).toBe("all"));
  expect(screen.queryByRole("tab")).toBeNull();
});

test("a problem is said", async () => {
  fakeApi({ [DASHBOARD]: () => new FakeProblem(500, "no disk") });
  show();
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
});
