import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { FormsPage } from "./FormsPage.tsx";
import { meOf } from "./me.fixture.ts";

const FORMS = {
  "GET /api/v1/forms": () => ({
    items: [
      {
        id: 7,
        application: "Field app",
        table: "contacts",
        tab: "Relations",
        widgets: ["relationship_health"],
        clients: ["web"],
        last_seen: "2026-11-24T09:00:00Z",
      },
    ],
  }),
};

test("a form is removed once that is confirmed", async () => {
  const requests = fakeApi({ ...FORMS, ...meOf("customize"), "DELETE /api/v1/forms/7": () => ({}) });
  const deletions = () => requests.filter(({ method }) => method === "DELETE").length;
  renderPage(<FormsPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Remove" }));
  expect(await screen.findByText(/^Remove Field app, tab Relations\?/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(deletions()).toBe(0);
  // What a dialog hides comes back some moments after it is gone.
  await userEvent.click(await screen.findByRole("button", { name: "Remove" }));
  await userEvent.click(await screen.findByRole("button", { name: "Remove it" }));
  await waitFor(() => expect(deletions()).toBe(1));
});

test("whoever may not remove a form is told who may", async () => {
  fakeApi({ ...FORMS, ...meOf("privacy") });
  renderPage(<FormsPage />);
  expect(await screen.findByText("Only a customizer or administrator can change this.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
});
