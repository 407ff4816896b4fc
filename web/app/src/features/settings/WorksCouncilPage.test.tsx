import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { WorksCouncilPage } from "./WorksCouncilPage.tsx";

const OFF = {
  is_on: false,
  since: null,
  council: null,
  council_name: null,
  off_asked_by: null,
  off_asked_at: null,
  is_council: false,
};
const ON = { ...OFF, is_on: true, since: "2026-11-20T09:00:00Z", council: "ina@us.example", council_name: "Ina Raad" };
const USERS = { items: [{ email: "ina@us.example", name: "Ina Raad", is_active: true }] };
const me = (...tasks: string[]) => ({ rights: { reads: "none", writes: "none", tasks } });

test("the privacy administrator turns it on, knowing that it takes two to turn it off", async () => {
  fakeApi({
    "GET /api/v1/works-council": () => OFF,
    "POST /api/v1/works-council": () => ON,
    "GET /api/v1/me": () => me("privacy"),
    "GET /api/v1/users": () => USERS,
  });
  renderPage(<WorksCouncilPage />);
  await screen.findByRole("option", { name: /Ina Raad/ });
  await userEvent.selectOptions(await screen.findByRole("combobox"), "ina@us.example");
  const turnOn = screen.getByRole("button", { name: "Turn on" });
  expect(turnOn.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox"));
  await userEvent.click(turnOn);
  expect(await screen.findByText(/Ina Raad must agree/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Ask the works council to turn it off" })).toBeTruthy();
});

test("the council answers, nobody else", async () => {
  fakeApi({
    "GET /api/v1/works-council": () => ({
      ...ON,
      off_asked_by: "wouter@us.example",
      off_asked_at: "2026-11-24T09:00:00Z",
      is_council: true,
    }),
    "GET /api/v1/me": () => me(),
    "GET /api/v1/users": () => USERS,
  });
  renderPage(<WorksCouncilPage />);
  expect(await screen.findByRole("button", { name: "Keep it on" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Agree to turn it off" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Turn on" })).toBeNull();
});
