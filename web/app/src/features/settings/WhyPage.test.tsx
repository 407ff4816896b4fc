import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { WhyPage } from "./WhyPage.tsx";

const check = (name: string, isOk: boolean, found: string, by = "administrator") => ({
  check: name,
  is_ok: isOk,
  found,
  fixed_by: by,
  lacking: [] as { application: string; table: string }[],
});

const ITEMS = [
  {
    feature: "who_knows_whom",
    is_available: false,
    checks: [
      check("licence", true, "premium", "user_administrator"),
      check("role", false, "functional", "user_administrator"),
      check("premium", true, "on"),
      check("feature", false, "off"),
      {
        ...check("form", false, "0", "form_customizer"),
        lacking: [
          { application: "Field Service", table: "contacts" },
          { application: "Portal", table: "leads" },
        ],
      },
    ],
  },
  {
    feature: "similar_deals",
    is_available: false,
    checks: [check("licence", false, "enterprise", "user_administrator"), check("closed_deals", false, "12", "time")],
  },
  {
    feature: "relationship_analytics",
    is_available: true,
    checks: [
      check("role", true, "Sales Manager", "user_administrator"),
      check("feature", true, "basic_tier"),
      check("form", true, "0", "form_customizer"),
    ],
  },
  { feature: "audit", is_available: true, checks: [check("task", true, "Privacy Administrator", "user_administrator")] },
];

const me = (...tasks: string[]) => ({ rights: { reads: "user", writes: "user", tasks } });

test("says what is missing, and who can change it", async () => {
  const requests = fakeApi({
    "GET /api/v1/me": () => me(),
    "GET /api/v1/features": () => ({ user: "ann@us.example", items: ITEMS }),
  });
  renderPage(<WhyPage />, { viewer: "ann@us.example" });
  const told = async (name: RegExp) => {
    const feature = within(await screen.findByRole("region", { name }));
    return feature.getAllByRole("listitem").map((item) => item.textContent.trim());
  };
  expect(await told(/Who knows whom/)).toEqual([
    "Licence: Premium",
    "Security role: Only functional roles, which are assigned beside a primary sales role and show no records. An administrator of users can change that.",
    "Premium features: Enabled.",
    "Switched on: It is switched off. An administrator can change that.",
    "Page or form: Our own pages have it, but not: Field Service (Contacts) and Portal (Leads). Whoever administers that application can put the widget on its form.",
  ]);
  expect(await told(/Similar won deals/)).toEqual([
    "Licence: Enterprise has the basic tier, which leaves this out. An administrator of users can change that.",
    "Closed deals: 12 of 30 won and 30 lost deals that may be seen. That comes with time.",
  ]);
  // What holds says by what.
  expect(await told(/Relationship analytics/)).toEqual([
    "Security role: Sales Manager.",
    "Switched on: The basic tier needs no enabling.",
    "Page or form: Our own pages have it; no other application has registered a form.",
  ]);
  expect(await told(/Audit log/)).toEqual(["Security role: Privacy Administrator."]);
  expect(requests.find(({ path }) => path === "/api/v1/features")?.search.get("user")).toBe("ann@us.example");
  expect(screen.queryByRole("combobox", { name: "About whom" })).toBeNull();
});

test("an administrator of users asks about somebody else", async () => {
  const requests = fakeApi({
    "GET /api/v1/me": () => me("manage_users"),
    "GET /api/v1/users": () => ({
      items: [
        { email: "ann@us.example", name: "Ann Vos" },
        { email: "bo@us.example", name: "Bo Bakker" },
      ],
    }),
    "GET /api/v1/features": ({ search }) => ({ user: search.get("user"), items: ITEMS }),
  });
  renderPage(<WhyPage />, { viewer: "ann@us.example" });
  const box = await screen.findByRole("combobox", { name: "About whom" });
  await userEvent.type(box, "bo@");
  await userEvent.click(await screen.findByRole("option", { name: /Bo Bakker/ }));
  await waitFor(() =>
    expect(
      requests
        .filter(({ path }) => path === "/api/v1/features")
        .at(-1)
        ?.search.get("user"),
    ).toBe("bo@us.example"),
  );
});

test("asks who looks where nobody said, and tells a problem", async () => {
  fakeApi({ "GET /api/v1/me": () => me(), "GET /api/v1/features": () => new FakeProblem(500, "no disk") });
  const { unmount } = renderPage(<WhyPage />);
  expect(screen.getByText(/Say at the top right who you are/)).toBeTruthy();
  unmount();
  renderPage(<WhyPage />, { viewer: "ann@us.example" });
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
});
