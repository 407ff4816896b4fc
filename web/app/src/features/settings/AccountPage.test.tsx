import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { AccountPage } from "./AccountPage.tsx";

const ME = { viewer: null, is_local_administrator: false, rights: { reads: "user", writes: "user", tasks: [] } };
const SESSION = { began_at: "2026-03-01T09:00:00Z", used_at: "2026-03-01T10:00:00Z", expires_at: "2026-03-08T09:00:00Z" };

test("one sees one's browsers and programs, ends them, and makes a token", async () => {
  const tokens: object[] = [];
  const requests = fakeApi({
    "GET /api/v1/me": () => ME,
    "GET /api/v1/sign-in": () => ({ password_min_chars: 12 }),
    "GET /api/v1/sessions": () => ({
      items: [
        { ...SESSION, id: 2, is_current: true, signed_in_by: "password", agent: "Firefox" },
        { ...SESSION, id: 1, is_current: false, signed_in_by: "entra", agent: "" },
      ],
    }),
    "DELETE /api/v1/sessions/1": () => ({}),
    "GET /api/v1/tokens": () => ({ items: tokens }),
    "POST /api/v1/tokens": () => {
      const made = { id: 1, name: "export", scopes: "read write", used_at: null, expires_at: "2026-06-01T09:00:00Z" };
      tokens.push(made);
      return { ...made, token: "rapport_secret" };
    },
    "DELETE /api/v1/tokens/1": () => new FakeProblem(404, "there is no token 1", "missing"),
  });
  renderPage(<AccountPage />);
  expect(await screen.findByText("This browser")).toBeTruthy();
  expect(screen.getByText("Unknown browser")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Sign out there" }));
  expect(requests.some(({ method, path }) => method === "DELETE" && path === "/api/v1/sessions/1")).toBe(true);

  const programs = within(screen.getByRole("region", { name: "Programs" }));
  expect(programs.getByText("You have no tokens.")).toBeTruthy();
  await userEvent.type(programs.getByRole("textbox", { name: "What it is for" }), "export");
  await userEvent.click(programs.getByRole("checkbox", { name: "write records and activities" }));
  await userEvent.click(programs.getByRole("button", { name: "Make a token" }));
  expect(await screen.findByText("rapport_secret")).toBeTruthy();
  expect(requests.find(({ method }) => method === "POST")?.body).toEqual({ name: "export", scopes: "read write", days: 90 });
  expect(await screen.findByRole("cell", { name: "read and write records and activities" })).toBeTruthy();
  await userEvent.click(await screen.findByRole("button", { name: "Delete export" }));
  expect(await screen.findByText("there is no token 1")).toBeTruthy();
});

test("a password is changed, or it is said what is wrong", async () => {
  let refusal: FakeProblem | null = new FakeProblem(422, "the current password is wrong", "unprocessable");
  fakeApi({
    "GET /api/v1/me": () => ME,
    "GET /api/v1/sign-in": () => ({ password_min_chars: 12 }),
    "GET /api/v1/sessions": () => ({ items: [] }),
    "GET /api/v1/tokens": () => ({ items: [] }),
    "PUT /api/v1/me/password": () => refusal ?? {},
  });
  renderPage(<AccountPage />);
  await userEvent.type(await screen.findByLabelText("Current password"), "old horse battery");
  await userEvent.type(screen.getByLabelText("New password"), "new horse battery");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  expect(await screen.findByText(/the current password is wrong/)).toBeTruthy();
  refusal = null;
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  expect(await screen.findByText(/signed out everywhere else/)).toBeTruthy();
});

test("where nobody signs in there is no account", async () => {
  fakeApi({ "GET /api/v1/me": () => ({ ...ME, is_local_administrator: true }) });
  renderPage(<AccountPage />, { language: "nl" });
  expect(await screen.findByText("Op deze machine hoeft niemand in te loggen")).toBeTruthy();
});
