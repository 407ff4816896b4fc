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
    is_active: true,
  },
  { email: "bo@us.example", name: "Bo Bakker", licence: "premium", roles: [], groups: [], is_active: false },
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
