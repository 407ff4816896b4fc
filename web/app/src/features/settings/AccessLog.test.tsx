import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { AccessLog } from "./AccessLog.tsx";

const look = (viewer: string, about = "Ann Vos") => ({
  about: "ann@us.example",
  about_name: about,
  day: "2026-11-24",
  viewer: `${viewer}@us.example`,
  viewer_name: viewer,
  what: "who_knows",
  times: 3,
  last_at: "2026-11-24T09:00:00Z",
});

test("the log goes on page by page, about one employee too, and as a file", async () => {
  const requests = fakeApi({
    "GET /api/v1/users": () => ({ items: [{ email: "ann@us.example", name: "Ann Vos" }] }),
    "GET /api/v1/looks": ({ search }) =>
      search.get("cursor") === null ? { items: [look("Bo")], next_cursor: "abc" } : { items: [look("Cy")], next_cursor: null },
  });
  renderPage(<AccessLog />);
  expect(await screen.findByText("Bo")).toBeTruthy();
  expect(screen.queryByText("Cy")).toBeNull();
  const file = () => screen.getByRole("link", { name: "The whole log as CSV" }).getAttribute("href");
  expect(file()).toBe("/api/v1/looks/export");
  await userEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(await screen.findByText("Cy")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  await userEvent.type(screen.getByRole("combobox", { name: "About one employee" }), "ann");
  await userEvent.click(await screen.findByRole("option", { name: /Ann Vos/ }));
  await waitFor(() => expect(requests.at(-1)?.search.get("about")).toBe("ann@us.example"));
  expect(file()).toBe("/api/v1/looks/export?about=ann%40us.example");
});
