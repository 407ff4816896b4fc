import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { DataPage } from "./DataPage.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { meOf } from "./me.fixture.ts";

const UNUSED = { is_used: false };
const ANSWERS = {
  ...meOf("configure"),
  "GET /api/v1/enabling": () => enablingOf({ mailbox: UNUSED, consent: { state: "pending" } }),
  "GET /api/v1/settings": () => ({
    items: [
      { key: "kpis.response_within_h", value: "60", default: "60", accepts: "", about: "" },
      { key: "capture.keep_subjects", value: "true", default: "false", accepts: "", about: "" },
    ],
  }),
};

test.each([
  [{ consent: { state: "pending" } }, "asked for and not given yet", "/settings/consent"],
  [{ consent: { state: "declined" } }, "was declined", "/settings/consent"],
  [{ premium_since: null }, "Premium features are not enabled", "/settings/premium"],
  [{ enabled_at: null }, "is not enabled yet", "/settings/overview"],
  [{ mailbox: { is_on: false } }, "Mailbox data is switched off", "/settings/overview"],
  [{ mailbox: { is_on: false }, consent: { state: "expired" } }, "was not given in time", "/settings/overview"],
  [{ geography: { state: "unknown" } }, "Nobody has said yet where it lies", "/settings/overview"],
  [{ consent: { state: "not_requested" }, mailbox: { roles: [] } }, "No security role is selected", "/settings/overview"],
])("says why mailbox data is not used, and where that is changed: %o", async (state, words, to) => {
  const roles = [{ name: "Salesperson", users: 3, is_chosen: true }];
  const mailbox = { ...UNUSED, roles, ...("mailbox" in state ? state.mailbox : {}) };
  fakeApi({ ...ANSWERS, "GET /api/v1/enabling": () => enablingOf({ ...state, mailbox }) });
  renderPage(<DataPage />);
  const line = await screen.findByText(new RegExp(`CRM data alone.*${words}`));
  expect(line.querySelector("a")?.getAttribute("href")).toBe(to);
});

test("gives no reason to whoever may not read it", async () => {
  fakeApi({ ...ANSWERS, ...meOf() });
  renderPage(<DataPage />);
  expect((await screen.findByText(/CRM data alone/)).textContent.trim()).toBe("CRM data alone: mailbox data is not used.");
});

test("whoever may not configure reads the settings, and who may change them", async () => {
  fakeApi({ ...ANSWERS, ...meOf("customize") });
  renderPage(<DataPage />);
  const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Keep the text of subjects" });
  expect([field.value, field.readOnly]).toEqual(["On", true]);
  expect(await screen.findAllByText("Only an administrator can change this.")).toHaveLength(1);
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("a number is saved when it is said so; what is refused stands under it", async () => {
  let answer: unknown = new FakeProblem(422, "`kpis.response_within_h` is above 8760");
  const requests = fakeApi({ ...ANSWERS, "PUT /api/v1/settings/kpis.response_within_h": () => answer });
  renderPage(<DataPage />);
  const field = await screen.findByRole("textbox", { name: "Hours within which a message counts as answered" });
  await userEvent.clear(field);
  await userEvent.type(field, "30{Enter}");
  expect(await screen.findByText("`kpis.response_within_h` is above 8760")).toBeTruthy();
  answer = { key: "kpis.response_within_h", value: "70", default: "60", accepts: "", about: "" };
  await userEvent.clear(field);
  await userEvent.type(field, "70{Enter}");
  const sent = requests.filter(({ method }) => method === "PUT").map(({ body }) => body);
  expect(sent).toEqual([{ value: "30" }, { value: "70" }]);
});

test("a choice is taken at once", async () => {
  const requests = fakeApi({ ...ANSWERS, "PUT /api/v1/settings/capture.keep_subjects": () => ({}) });
  renderPage(<DataPage />);
  await userEvent.click(await screen.findByRole("combobox", { name: "Keep the text of subjects" }));
  await userEvent.click(await screen.findByRole("option", { name: "Off" }));
  expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ value: "false" });
});
