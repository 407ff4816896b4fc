import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { UsersPage } from "./UsersPage.tsx";

const USERS = [
  {
    email: "ann@us.example",
    name: "Ann Vos",
    title: "Seller",
    manager: "bo@us.example",
    licence: "enterprise",
    roles: ["Salesperson"],
    groups: ["Sales", "NL"],
    teams: [],
    is_active: true,
  },
  { email: "bo@us.example", name: "Bo Bakker", licence: "premium", roles: [], groups: [], teams: [], is_active: false },
];

test("lists who works here, with managers by name, and finds by any part", async () => {
  fakeApi({ "GET /api/v1/users": () => ({ items: USERS }) });
  renderPage(<UsersPage />);
  const row = await screen.findByRole("row", { name: /Ann Vos/ });
  const cells = within(row)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);
  expect(cells).toEqual(["Seller", "ann@us.example", "Bo Bakker", "Enterprise", "Salesperson", "Sales, NL"]);
  expect(screen.getByRole("row", { name: /Bo Bakker Left/ })).toBeTruthy();
  await userEvent.type(screen.getByRole("searchbox"), "SELL");
  expect(screen.getAllByRole("row")).toHaveLength(2);
});

test("says so without users, and when they cannot be had", async () => {
  let answer: unknown = new FakeProblem(500, "no disk");
  fakeApi({ "GET /api/v1/users": () => answer });
  renderPage(<UsersPage />);
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  answer = { items: [] };
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("There are no users yet")).toBeTruthy();
});

test("an administrator changes rights, and makes a link to choose a password", async () => {
  const requests = fakeApi({
    "GET /api/v1/users": () => ({ items: USERS }),
    "GET /api/v1/me": () => ({ rights: { reads: "organization", writes: "organization", tasks: ["manage_users"] } }),
    "GET /api/v1/roles": () => ({
      items: ["Salesperson", "Sales Manager"].map((name) => ({ name, is_built_in: true, is_undefined: false, users: 1 })),
    }),
    "PUT /api/v1/users/ann@us.example": () => USERS[0],
    "POST /api/v1/users/ann@us.example/sign-in": () => ({ link: "/invitation#secret", expires_at: "2026-03-05T09:00:00Z" }),
  });
  renderPage(<UsersPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Edit Ann Vos" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: "Sales Manager" }));
  await userEvent.click(screen.getByRole("radio", { name: "Premium" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Business unit" }), "Sales/North");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved. It holds at once.")).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({
    licence: "premium",
    roles: ["Salesperson", "Sales Manager"],
    groups: ["Sales", "NL"],
    teams: [],
    business_unit: "Sales/North",
  });
  await userEvent.click(screen.getByRole("button", { name: "Make a link to choose a password" }));
  expect(await screen.findByText(`${globalThis.location.origin}/invitation#secret`)).toBeTruthy();
});

test("whoever may not manage users is shown no way to", async () => {
  fakeApi({
    "GET /api/v1/users": () => ({ items: USERS }),
    "GET /api/v1/me": () => ({ rights: { reads: "user", writes: "user", tasks: [] } }),
  });
  renderPage(<UsersPage />);
  expect(await screen.findByRole("row", { name: /Ann Vos/ })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Edit/ })).toBeNull();
});
