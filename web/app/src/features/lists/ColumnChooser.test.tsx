import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { ColumnChooser } from "./ColumnChooser.tsx";

function show() {
  const onChoose = vi.fn();
  renderPage(
    <ColumnChooser table="contacts" isOpen chosen={["name", "health_state", "account"]} onClose={vi.fn()} onChoose={onChoose} />,
  );
  return onChoose;
}

test("columns are shown, hidden and moved; the name stays first", async () => {
  const onChoose = show();
  await userEvent.click(await screen.findByRole("checkbox", { name: "Job title" }));
  expect(onChoose).toHaveBeenLastCalledWith(["name", "health_state", "account", "title"]);
  await userEvent.click(screen.getByRole("checkbox", { name: "Relationship health" }));
  expect(onChoose).toHaveBeenLastCalledWith(["name", "account"]);
  await userEvent.click(screen.getByRole("button", { name: "Move Account up" }));
  expect(onChoose).toHaveBeenLastCalledWith(["name", "account", "health_state"]);
  await userEvent.click(screen.getByRole("button", { name: "The usual columns" }));
  expect(onChoose).toHaveBeenLastCalledWith(undefined);
});

test("a table offers only what its records have", async () => {
  show();
  expect(await screen.findByRole("checkbox", { name: "Email" })).toBeTruthy();
  expect(screen.queryByRole("checkbox", { name: "Est. revenue" })).toBeNull();
  expect(screen.queryByRole("checkbox", { name: "Name" })).toBeNull();
});
