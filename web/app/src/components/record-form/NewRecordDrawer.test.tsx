import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { NewRecordDrawer } from "./NewRecordDrawer.tsx";

const LOOKUPS = { "GET /api/v1/users": () => ({ items: [] }), "GET /api/v1/accounts": () => ({ items: [], total: 0 }) };

test("a new deal is open and the viewer's; what was refused is sent under another key", async () => {
  let answer: unknown = new FakeProblem(422, "the server is full");
  const requests = fakeApi({ ...LOOKUPS, "POST /api/v1/opportunities": () => answer });
  const onClose = vi.fn();
  renderPage(<NewRecordDrawer table="opportunities" isOpen onClose={onClose} />, { viewer: "ann@us.example" });
  await userEvent.type(await screen.findByRole("textbox", { name: /^Topic/ }), "Pumps");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/the server is full/)).toBeTruthy();
  answer = { id: "o9", topic: "Pumps" };
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  const sent = requests.filter(({ method }) => method === "POST");
  expect(sent.map(({ body }) => body)).toEqual(Array(2).fill({ topic: "Pumps", owner: "ann@us.example", status: "open" }));
});
