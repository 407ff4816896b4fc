import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { GeographyPolicy } from "./GeographyPolicy.tsx";

const row = (key: string, value: string) => ({ key, value, default: "", accepts: "", about: "" });
const SETTINGS = { items: [row("geography.regions", "APC;EUR;XYZ"), row("geography.accepts_declared", "true")] };
const me = (...tasks: string[]) => ({ rights: { reads: "none", writes: "none", tasks } });

test("whoever configures says in which regions mailbox data may be used, and whether a declared place is", async () => {
  const requests = fakeApi({
    "GET /api/v1/me": () => me("configure"),
    "GET /api/v1/settings": () => SETTINGS,
    "PUT /api/v1/settings/geography.regions": () => SETTINGS,
    "PUT /api/v1/settings/geography.accepts_declared": () => SETTINGS,
  });
  renderPage(<GeographyPolicy />);
  const save = await screen.findByRole("button", { name: "Save the policy" });
  expect(save.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: /APC/ }));
  await userEvent.click(screen.getByRole("checkbox", { name: /NAM/ }));
  await userEvent.click(screen.getByRole("switch"));
  await userEvent.click(save);
  await waitFor(() =>
    expect(requests.filter(({ method }) => method === "PUT").map(({ path, body }) => [path, body])).toEqual([
      ["/api/v1/settings/geography.regions", { value: "EUR;NAM;XYZ" }],
      ["/api/v1/settings/geography.accepts_declared", { value: "false" }],
    ]),
  );
});

test("nobody else is shown the policy", async () => {
  const requests = fakeApi({ "GET /api/v1/me": () => me("customize", "privacy") });
  renderPage(<GeographyPolicy />);
  await waitFor(() => expect(requests).toHaveLength(1));
  expect(screen.queryByRole("region")).toBeNull();
});
