import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { AsOfBar } from "./AsOfBar.tsx";
import { plusDays, today } from "./days.ts";

const NOW = today("UTC");

function slider() {
  return screen.getByRole("slider", { name: "As of" });
}

test("a week back by the page keys, told once when the keys rest", async () => {
  const onAsOf = vi.fn();
  renderPage(<AsOfBar asOf={undefined} reachDays={730} onAsOf={onAsOf} />);
  fireEvent.keyDown(slider(), { key: "PageDown" });
  fireEvent.keyDown(slider(), { key: "PageDown" });
  fireEvent.keyDown(slider(), { key: "PageUp" });
  await waitFor(() => expect(onAsOf).toHaveBeenCalled());
  expect(onAsOf.mock.calls).toEqual([[`${plusDays(NOW, -7)}T23:59:59.000Z`]]);
});

test("goes no further back than there is something to see", async () => {
  const onAsOf = vi.fn();
  renderPage(<AsOfBar asOf={undefined} reachDays={3} onAsOf={onAsOf} />);
  expect(slider().getAttribute("min")).toBe("-3");
  fireEvent.keyDown(slider(), { key: "PageDown" });
  await waitFor(() => expect(onAsOf).toHaveBeenCalledWith(`${plusDays(NOW, -3)}T23:59:59.000Z`));
});

test("a date that is still being typed is not asked for", async () => {
  const onAsOf = vi.fn();
  renderPage(<AsOfBar asOf={undefined} reachDays={730} onAsOf={onAsOf} />);
  const field = screen.getByLabelText<HTMLInputElement>("Show the page as of this day");
  fireEvent.change(field, { target: { value: "0002-08-12" } });
  expect(field.value).toBe("0002-08-12");
  fireEvent.change(field, { target: { value: "2025-08-12" } });
  await waitFor(() => expect(onAsOf).toHaveBeenCalled());
  expect(onAsOf.mock.calls).toEqual([["2025-08-12T23:59:59.000Z"]]);
});

test("says in which past one is, and leads back to now", async () => {
  const onAsOf = vi.fn();
  renderPage(<AsOfBar asOf="2026-03-01T22:59:59Z" reachDays={730} onAsOf={onAsOf} />, { language: "nl" });
  expect(screen.getByRole("status").textContent).toContain("De pagina zoals die was op 1 mrt 2026");
  await userEvent.click(screen.getByRole("button", { name: "Terug naar nu" }));
  expect(onAsOf).toHaveBeenCalledWith(undefined);
});
