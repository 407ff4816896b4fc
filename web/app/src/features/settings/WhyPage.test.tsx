import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { WhyPage } from "./WhyPage.tsx";

const ITEMS = [
  {
    feature: "who_knows_whom",
    is_available: false,
    checks: [
      { check: "licence", is_ok: true, found: "premium", fixed_by: "user_administrator" },
      { check: "role", is_ok: false, found: "none", fixed_by: "user_administrator" },
      { check: "feature", is_ok: false, found: "off", fixed_by: "administrator" },
    ],
  },
  {
    feature: "similar_deals",
    is_available: false,
    checks: [{ check: "closed_deals", is_ok: false, found: "12", fixed_by: "time" }],
  },
  { feature: "settings", is_available: true, checks: [{ check: "task", is_ok: true, found: "audit", fixed_by: "time" }] },
];

test("says what is missing, and who can change it", async () => {
  const requests = fakeApi({ "GET /api/v1/features": () => ({ user: "ann@us.example", items: ITEMS }) });
  renderPage(<WhyPage />, { viewer: "ann@us.example" });
  const known = within(await screen.findByRole("region", { name: /Who knows whom/ }));
  expect(known.getByText("Not available")).toBeTruthy();
  const told = known.getAllByRole("listitem").map((item) => item.textContent);
  expect(told).toEqual([
    " Licence",
    " Security role: None of your security roles lets you see records. An administrator of users can change that.",
    " Switched on: It is switched off. An administrator can change that.",
  ]);
  const deals = within(screen.getByRole("region", { name: /Similar won deals/ }));
  expect(deals.getByRole("listitem").textContent).toContain("12 of 30");
  expect(within(screen.getByRole("region", { name: /settings/ })).getByText("Available")).toBeTruthy();
  expect(requests[0]?.search.get("user")).toBe("ann@us.example");
});

test("asks who looks where nobody said, and tells a problem", async () => {
  fakeApi({ "GET /api/v1/features": () => new FakeProblem(500, "no disk") });
  const { unmount } = renderPage(<WhyPage />);
  expect(screen.getByText(/Say at the top right who you are/)).toBeTruthy();
  unmount();
  renderPage(<WhyPage />, { viewer: "ann@us.example" });
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
});
