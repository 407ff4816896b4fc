import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { DataPage } from "./DataPage.tsx";

const ANSWERS = {
  "GET /api/v1/me": () => ({ data: "crm", organization: { name: "Us", time_zone: "UTC" }, viewer: null }),
  "GET /api/v1/settings": () => ({
    items: [
      { key: "kpis.response_within_h", value: "60", default: "60", accepts: "", about: "" },
      { key: "capture.keep_subjects", value: "true", default: "false", accepts: "", about: "" },
    ],
  }),
};

test("says what the figures rest on", async () => {
  fakeApi(ANSWERS);
  renderPage(<DataPage />);
  expect(await screen.findByText(/CRM data alone/)).toBeTruthy();
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
