import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { usePreferences } from "./preferences.ts";
import { ViewerMenu } from "./ViewerMenu.tsx";

function Chosen() {
  return <output>{usePreferences().preferences.viewer}</output>;
}

test("somebody says who they are by a part of their name or address", async () => {
  const items = [
    { email: "ann@us.example", name: "Ann Vos", title: "Seller", is_active: true },
    { email: "bo@us.example", name: "Bo Bakker", is_active: true },
  ];
  fakeApi({ "GET /api/v1/users": () => ({ items }) });
  renderPage(
    <>
      <ViewerMenu me={undefined} />
      <Chosen />
    </>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Choose who you are" }));
  const box = await screen.findByRole("combobox", { name: "Choose who you are" });
  await userEvent.type(box, "zzz");
  expect(await screen.findByText("Nobody is called that")).toBeTruthy();
  await userEvent.clear(box);
  await userEvent.type(box, "VOS");
  await userEvent.click(await screen.findByRole("option", { name: /Ann Vos/ }));
  expect(screen.getByRole("status").textContent).toBe("ann@us.example");
});
