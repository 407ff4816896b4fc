import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Condition } from "@/api/lists.ts";
import { renderPage } from "@/testing/render.tsx";
import { FilterPanel } from "./FilterPanel.tsx";

function show(filter: Condition[]) {
  const onApply = vi.fn();
  renderPage(<FilterPanel table="opportunities" isOpen filter={filter} state="open" onClose={vi.fn()} onApply={onApply} />);
  return onApply;
}

test("words are chosen from a list", async () => {
  const onApply = show([{ column: "health_trend", op: "in" }]);
  await userEvent.click(await screen.findByRole("combobox", { name: "Value" }));
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Declining" }));
  await userEvent.click(screen.getByRole("button", { name: "Apply" }));
  expect(onApply).toHaveBeenCalledWith([{ column: "health_trend", op: "in", value: ["declining"] }], "open");
});

test("shares are typed in percent and hours as hours", async () => {
  const onApply = show([
    { column: "likelihood_30d", op: "ge" },
    { column: "time_spent_by_us_min", op: "le" },
  ]);
  const [share, hours] = await screen.findAllByRole("spinbutton", { name: "Value" });
  if (share) await userEvent.type(share, "50");
  if (hours) await userEvent.type(hours, "2");
  await userEvent.click(screen.getByRole("button", { name: "Apply" }));
  expect(onApply).toHaveBeenCalledWith(
    [
      { column: "likelihood_30d", op: "ge", value: 0.5 },
      { column: "time_spent_by_us_min", op: "le", value: 120 },
    ],
    "open",
  );
});

test("a condition without a value is left out, and another column begins anew", async () => {
  const onApply = show([{ column: "health_score", op: "ge", value: 40 }]);
  await userEvent.click(await screen.findByRole("button", { name: "Add a condition" }));
  await userEvent.click(screen.getAllByRole("combobox", { name: "Column" })[0] ?? document.body);
  await userEvent.click(await screen.findByRole("option", { name: "Currency" }));
  await userEvent.click(screen.getByRole("button", { name: "Apply" }));
  expect(onApply).toHaveBeenCalledWith([], "open");
});
