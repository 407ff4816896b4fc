import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { RolesPage } from "./RolesPage.tsx";

const NOTHING = { reads: "none", writes: "none", tasks: [] as string[] };
const ROLES = [
  {
    name: "Privacy Administrator",
    rights: { ...NOTHING, tasks: ["consent", "privacy", "audit"] },
    is_built_in: true,
    is_undefined: false,
    users: 1,
  },
  {
    name: "Tender desk",
    rights: { reads: "business_unit", writes: "user", tasks: [] },
    is_built_in: false,
    is_undefined: false,
    users: 2,
  },
  { name: "Marketing", rights: NOTHING, is_built_in: false, is_undefined: true, users: 1 },
];

function fakeRoles(further: Parameters<typeof fakeApi>[0] = {}) {
  return fakeApi({ "GET /api/v1/roles": () => ({ items: ROLES }), ...further });
}

test("says of each role what it allows, in words, and how many have it", async () => {
  fakeRoles();
  renderPage(<RolesPage />);
  const cells = async (name: RegExp) =>
    within(await screen.findByRole("row", { name }))
      .getAllByRole("cell")
      .map((cell) => cell.textContent);
  expect(await cells(/Privacy Administrator Built in/)).toEqual([
    "None",
    "None",
    "Consent and excluded groups, Requests of people, access log, works council mode and Audit log",
    "1",
    "",
  ]);
  expect(await cells(/Tender desk Made here/)).toEqual(["Their business unit’s", "Their own, and shared ones", "---", "2", ""]);
  expect(await cells(/Marketing Nobody defined it: allows nothing/)).toEqual(["None", "None", "---", "1", "Define"]);
  expect(screen.queryByRole("button", { name: "Edit Privacy Administrator" })).toBeNull();
});

test("a role that nobody defined is defined, and never writes farther than it reads", async () => {
  const requests = fakeRoles({ "PUT /api/v1/roles/Marketing": () => ({}) });
  renderPage(<RolesPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Define Marketing" }));
  const form = within(await screen.findByRole("dialog", { name: "Define Marketing" }));
  const reads = within(form.getByRole("radiogroup", { name: "Reads records" }));
  const writes = within(form.getByRole("radiogroup", { name: "Writes records" }));
  expect(writes.getByRole("radio", { name: "All" }).hasAttribute("disabled")).toBe(true);
  expect(form.getByText(/nobody writes what they do not see/)).toBeTruthy();
  await userEvent.click(reads.getByRole("radio", { name: "All" }));
  await userEvent.click(writes.getByRole("radio", { name: "All" }));
  await userEvent.click(reads.getByRole("radio", { name: "Their team’s" }));
  expect(writes.getByRole<HTMLInputElement>("radio", { name: "Their team’s" }).checked).toBe(true);
  await userEvent.click(form.getByRole("checkbox", { name: "Audit log" }));
  await userEvent.click(form.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/Marketing is saved/)).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ reads: "team", writes: "team", tasks: ["audit"] });
});

test("a new role has a name of its own, and a refusal is told", async () => {
  const requests = fakeRoles({ "PUT /api/v1/roles/Bid team": () => new FakeProblem(403, "one may not") });
  renderPage(<RolesPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Make a role" }));
  const form = within(await screen.findByRole("dialog", { name: "Make a role" }));
  const save = form.getByRole("button", { name: "Save" });
  expect(save.hasAttribute("disabled")).toBe(true);
  const name = form.getByRole("textbox", { name: /Role/ });
  await userEvent.type(name, "tender DESK");
  expect(form.getByText("There is a role of this name already.")).toBeTruthy();
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.clear(name);
  await userEvent.type(name, " Bid team ");
  await userEvent.click(form.getByRole("checkbox", { name: /Enable features/ }));
  await userEvent.click(form.getByRole("checkbox", { name: "Consent and excluded groups" }));
  expect(form.getByText(/should not be the one who consents/)).toBeTruthy();
  await userEvent.click(save);
  expect(await form.findByText("one may not")).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ ...NOTHING, tasks: ["configure", "consent"] });
});

test("deleting a role that users have says how many, and wants to be sure", async () => {
  const requests = fakeRoles({ "DELETE /api/v1/roles/Tender desk": () => ({}) });
  renderPage(<RolesPage />, { language: "nl" });
  const edit = await screen.findByRole("button", { name: "Tender desk bewerken" });
  await userEvent.click(edit);
  const form = within(await screen.findByRole("dialog"));
  expect(form.getByText(/2 gebruikers hebben deze rol/)).toBeTruthy();
  const remove = form.getByRole("button", { name: "Tender desk verwijderen" });
  expect(remove.hasAttribute("disabled")).toBe(true);
  await userEvent.click(form.getByRole("checkbox", { name: "Ik wil dat deze rol wordt verwijderd" }));
  await userEvent.click(remove);
  expect(await screen.findByText("Tender desk is verwijderd.")).toBeTruthy();
  await waitFor(() => expect(requests.some(({ method }) => method === "DELETE")).toBe(true));
});

test("whoever may not manage users is told so, and a problem comes with a way to try again", async () => {
  let answer: unknown = new FakeProblem(403, "one may not", "not_allowed");
  fakeApi({ "GET /api/v1/roles": () => answer });
  const { unmount } = renderPage(<RolesPage />);
  expect(await screen.findByText("You have no permission to see this")).toBeTruthy();
  unmount();
  answer = new FakeProblem(500, "no disk");
  renderPage(<RolesPage />);
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  answer = { items: ROLES };
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("row", { name: /Tender desk/ })).toBeTruthy();
});
