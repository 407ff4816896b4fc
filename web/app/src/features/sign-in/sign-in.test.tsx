import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Gate } from "@/frame/Gate.tsx";
import { usePreferences } from "@/frame/preferences.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import InvitationPage from "./InvitationPage.tsx";

const HERE = {
  is_required: true,
  user: null,
  has_passwords: true,
  is_private: true,
  password_min_chars: 12,
  providers: [] as object[],
};

function Inside() {
  return <output>{usePreferences().preferences.viewer ?? "anybody"}</output>;
}

test("whoever has to signs in, and then is who looks", async () => {
  let user: string | null = null;
  let refusal: FakeProblem | null = new FakeProblem(401, "wrong", "signed_out");
  const requests = fakeApi({
    "GET /api/v1/sign-in": () => ({ ...HERE, user }),
    "POST /api/v1/sign-in": () => {
      user = refusal ? null : "ann@us.example";
      return refusal ?? {};
    },
  });
  renderPage(
    <Gate>
      <Inside />
    </Gate>,
    { viewer: "somebody@else.example" },
  );
  await userEvent.type(await screen.findByRole("textbox", { name: "Email address" }), "ann@us.example");
  await userEvent.type(screen.getByLabelText("Password"), "wrong horse battery");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("The address or the password is wrong.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
  refusal = new FakeProblem(429, "often", "too_many");
  await userEvent.type(screen.getByLabelText("Password"), "x{Enter}");
  expect(await screen.findByText(/Wait half a minute/)).toBeTruthy();
  refusal = null;
  await userEvent.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
  expect((await screen.findByRole("status")).textContent).toBe("ann@us.example");
  expect(requests.findLast(({ method }) => method === "POST")?.body).toEqual({
    email: "ann@us.example",
    password: "correct horse battery",
  });
});

test("where nobody needs to sign in, the pages are there", async () => {
  fakeApi({ "GET /api/v1/sign-in": () => ({ ...HERE, is_required: false }) });
  renderPage(
    <Gate>
      <Inside />
    </Gate>,
  );
  expect((await screen.findByRole("status")).textContent).toBe("anybody");
});

test("says that the connection is not private, and where the first link is", async () => {
  fakeApi({ "GET /api/v1/sign-in": () => ({ ...HERE, is_private: false, has_passwords: false }) });
  renderPage(
    <Gate>
      <Inside />
    </Gate>,
    { language: "nl" },
  );
  expect(await screen.findByText(/niet versleuteld/)).toBeTruthy();
  expect(screen.getByText(/logboek van de server/)).toBeTruthy();
  expect(screen.queryByLabelText("Wachtwoord")).toBeNull();
});

test("the first administrator says who they are, and learns what is wrong with a password", async () => {
  const requests = fakeApi({
    "GET /api/v1/sign-in": () => HERE,
    "POST /api/v1/invitation": () => ({ email: null, expires_at: "2026-03-02T10:00:00Z" }),
    "POST /api/v1/invitation/password": () => new FakeProblem(422, "the password is easy to guess", "unprocessable"),
  });
  renderPage(<InvitationPage token="secret" />);
  await userEvent.type(await screen.findByRole("textbox", { name: "Your name" }), "Karin");
  await userEvent.type(screen.getByRole("textbox", { name: "Email address" }), "karin@us.example");
  const password = screen.getByLabelText("New password");
  await userEvent.type(password, "password password");
  await userEvent.click(screen.getByRole("button", { name: "Show the password" }));
  expect(password.getAttribute("type")).toBe("text");
  await userEvent.click(screen.getByRole("button", { name: "Save and sign in" }));
  expect(await screen.findByText(/easy to guess/)).toBeTruthy();
  expect(requests.at(-1)?.body).toEqual({
    token: "secret",
    name: "Karin",
    email: "karin@us.example",
    password: "password password",
  });
});

test("a link that is over says so", async () => {
  fakeApi({
    "GET /api/v1/sign-in": () => HERE,
    "POST /api/v1/invitation": () => new FakeProblem(403, "the link is not good any more", "refused"),
  });
  renderPage(<InvitationPage token="old" />);
  expect(await screen.findByRole("heading", { name: "This link is no longer good" })).toBeTruthy();
});

test("providers come first, and whoever comes back without luck learns why", async () => {
  globalThis.history.replaceState(null, "", "/?sign_in=unknown");
  fakeApi({
    "GET /api/v1/sign-in": () => ({ ...HERE, providers: [{ id: "entra", name: "Entra ID", knows_administrators: false }] }),
  });
  renderPage(
    <Gate>
      <Inside />
    </Gate>,
  );
  const link = await screen.findByRole("link", { name: "Sign in with Entra ID" });
  expect(link.getAttribute("href")).toBe("/api/v1/sign-in/entra?return_to=%2F");
  expect(screen.getByText(/You are known there, but not here/)).toBeTruthy();
  globalThis.history.replaceState(null, "", "/");
});
