import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { SiteMap } from "./SiteMap.tsx";

test("shows the pages of the area, and where one is", () => {
  renderPage(<SiteMap path="/opportunities/o1" />);
  expect(screen.getByRole("link", { name: "Opportunities" }).getAttribute("aria-current")).toBe("page");
  expect(screen.getByRole("link", { name: "Contacts" }).getAttribute("aria-current")).toBeNull();
});

test("the area switcher leads to the first page of another area", async () => {
  const onNavigate = vi.fn();
  renderPage(<SiteMap path="/contacts" onNavigate={onNavigate} />);
  await userEvent.click(screen.getByRole("button", { name: /Sales/ }));
  const areas = within(await screen.findByRole("menu")).getAllByRole("menuitemradio");
  expect(areas[0]?.getAttribute("aria-checked")).toBe("true");
  await userEvent.click(areas[1] ?? document.body);
  expect(onNavigate).toHaveBeenCalledOnce();
});

test("the area switcher says what it does, in words that are seen", () => {
  const { unmount } = renderPage(<SiteMap path="/contacts" />);
  expect(screen.getByText("Change area")).toBeTruthy();
  unmount();
  renderPage(<SiteMap path="/contacts" />, { language: "nl" });
  expect(screen.getByRole("button", { name: "Wijzigingsgebied: Verkoop" }).textContent).toContain("Wijzigingsgebied");
});

test("narrow, its links keep their names", () => {
  renderPage(<SiteMap path="/contacts" isNarrow toggleNarrow={vi.fn()} />, { language: "nl" });
  expect(screen.getByRole("link", { name: "Contactpersonen" }).textContent).toBe("");
});
