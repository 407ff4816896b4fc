import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { ApiProblem } from "@/api/client.ts";
import type { RecordData } from "@/api/records.ts";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { RecordForm } from "./RecordForm.tsx";

const CONTACT: RecordData = { name: "Pim", email: "pim@acme.example", custom: { region: "North" } };
const USERS = {
  "GET /api/v1/users": () => ({
    items: [
      { email: "ann@us.example", name: "Ann Vos", is_active: true },
      { email: "bo@us.example", name: "Bo Bakker", is_active: true },
    ],
  }),
};

function show(problem: Error | null = null, record = CONTACT) {
  const onSave = vi.fn();
  renderPage(
    <RecordForm
      table="contacts"
      record={record}
      problem={problem}
      isSaving={false}
      onSave={onSave}
      onCancel={vi.fn()}
      conflict={<button type="button">theirs</button>}
    />,
  );
  return onSave;
}

test("saves what was typed; custom fields too, empty lines of lists not", async () => {
  fakeApi(USERS);
  const onSave = show();
  await userEvent.type(screen.getByRole("textbox", { name: /^Name/ }), " Timmermans");
  await userEvent.type(screen.getByRole("textbox", { name: "Other addresses" }), "p@acme.example{Enter}{Enter} po@acme.example");
  await userEvent.clear(screen.getByRole("textbox", { name: "region" }));
  await userEvent.type(screen.getByRole("textbox", { name: "region" }), "South");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSave).toHaveBeenCalledWith({
    name: "Pim Timmermans",
    email: "pim@acme.example",
    emails: ["p@acme.example", "po@acme.example"],
    custom: { region: "South" },
  });
});

test("the owner is a user, found by a part of the name", async () => {
  fakeApi(USERS);
  const onSave = show();
  await userEvent.type(screen.getByRole("combobox", { name: "Owner" }), "bak");
  await userEvent.click(await screen.findByRole("option", { name: "Bo Bakker" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(onSave).toHaveBeenCalledWith({ ...CONTACT, owner: "bo@us.example" });
});

test("what the server refuses stands at its field", () => {
  fakeApi(USERS);
  show(new ApiProblem(422, "`email`: `pim` is no address", null));
  const email = screen.getByRole("textbox", { name: "Email" });
  expect(email.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("`email`: `pim` is no address")).toBeTruthy();
});

test("somebody else's change is said, with a way out", () => {
  fakeApi(USERS);
  show(new ApiProblem(412, "changed", null));
  expect(screen.getByText(/Somebody else changed this record meanwhile/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "theirs" })).toBeTruthy();
});
