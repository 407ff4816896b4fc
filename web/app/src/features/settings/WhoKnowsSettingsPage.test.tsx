import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { meOf } from "./me.fixture.ts";
import { WhoKnowsSettingsPage } from "./WhoKnowsSettingsPage.tsx";

const ENABLING = "/api/v1/enabling";

function settings(template: string) {
  const row = (key: string, value: string) => ({ key, value, default: "", accepts: "", about: "" });
  const limits = [row("ties.strong", "60"), row("who_knows.introducers", "5"), row("who_knows.open_requests", "7")];
  return { items: [...limits, row("who_knows.template", template)] };
}

test("the template is shown with names in place, and saved", async () => {
  let stored = "";
  const requests = fakeApi({
    ...meOf("configure"),
    "GET /api/v1/settings": () => settings(stored),
    [`GET ${ENABLING}`]: () => enablingOf({}),
    "PUT /api/v1/settings/who_knows.template": ({ body }) => {
      stored = (body as { value: string }).value;
      return settings(stored);
    },
  });
  renderPage(<WhoKnowsSettingsPage />);
  expect(await screen.findByText(/Could you please introduce me to Carla Cruz\?/)).toBeTruthy();
  const open = screen.getByRole<HTMLInputElement>("textbox", { name: /Requests for an introduction/ });
  expect(open.value).toBe("7");
  const text = screen.getByRole("textbox", { name: "Message" });
  await userEvent.clear(text);
  await userEvent.type(text, "Dear {{colleague}");
  expect(screen.getByText(/The text does not name the person/)).toBeTruthy();
  await userEvent.type(text, ", who is {{target}? {{x}");
  expect(screen.getByText("Dear Sam, who is Carla Cruz? {x}")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await userEvent.click(await screen.findByRole("button", { name: "Use the standard text" }));
  expect(await screen.findByText(/Could you please introduce me to Carla Cruz\?/)).toBeTruthy();
  const bodies = requests.filter(({ method }) => method === "PUT").map(({ body }) => body);
  expect(bodies).toEqual([{ value: "Dear {colleague}, who is {target}? {x}" }, { value: "" }]);
});

test("it is switched off with everything else as it was", async () => {
  const requests = fakeApi({
    ...meOf("configure"),
    "GET /api/v1/settings": () => settings(""),
    [`GET ${ENABLING}`]: () => enablingOf({ mailbox: { all_roles: true } }),
    [`PUT ${ENABLING}`]: () => enablingOf({ who_knows_whom: false }),
  });
  renderPage(<WhoKnowsSettingsPage />, { language: "nl" });
  await userEvent.click(await screen.findByRole("switch"));
  expect(await screen.findByText("Uit")).toBeTruthy();
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({
    relationship_analytics: true,
    who_knows_whom: false,
    mailbox: true,
    all_roles: true,
    roles: [],
    keeps_stored: false,
  });
});

test("before it is enabled it leads to the Overview", async () => {
  fakeApi({
    ...meOf("configure"),
    "GET /api/v1/settings": () => settings(""),
    [`GET ${ENABLING}`]: () => enablingOf({ enabled_at: null }),
  });
  renderPage(<WhoKnowsSettingsPage />);
  expect((await screen.findByRole("link", { name: "Overview" })).getAttribute("href")).toBe("/settings/overview");
  expect(screen.queryByRole("switch")).toBeNull();
});

test("a customizer sets options, and neither switches the feature nor says what is strong", async () => {
  fakeApi({ ...meOf("customize"), "GET /api/v1/settings": () => settings(""), [`GET ${ENABLING}`]: () => enablingOf({}) });
  renderPage(<WhoKnowsSettingsPage />);
  expect(await screen.findAllByText("Only an administrator can change this.")).toHaveLength(2);
  expect(screen.getByRole("switch").hasAttribute("disabled")).toBe(true);
  const isReadOnly = (name: string | RegExp) => screen.getByRole<HTMLInputElement>("textbox", { name }).readOnly;
  expect(isReadOnly(/^Strong connection/)).toBe(true);
  expect(isReadOnly(/^Colleagues shown/)).toBe(false);
  expect(screen.getByRole("button", { name: "Save" })).toBeTruthy();
});

test("whoever only answers for privacy changes nothing", async () => {
  fakeApi({ ...meOf("privacy"), "GET /api/v1/settings": () => settings(""), [`GET ${ENABLING}`]: () => enablingOf({}) });
  renderPage(<WhoKnowsSettingsPage />);
  expect(await screen.findByText("Only a customizer or administrator can change this.")).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).readOnly).toBe(true);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});
