import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render.tsx";
import { someInsights } from "../fixtures.ts";
import { ContactedWidget } from "./ContactedWidget.tsx";

test("people of the customer lead to what is known of them, with counts per kind", () => {
  renderPage(<ContactedWidget insights={someInsights()} asOf={null} side="them" />);
  const link = screen.getByRole("link", { name: "Pim Timmermans" });
  expect(decodeURIComponent(link.getAttribute("href") ?? "")).toContain("/contacts/pim@acme.example");
  expect(screen.getByRole("img", { name: "Email" }).parentElement?.textContent).toBe("42");
});

test("nobody is said as such", () => {
  renderPage(<ContactedWidget insights={someInsights()} asOf={null} side="us" />, { language: "nl" });
  expect(screen.getByText("Nog niemand")).toBeTruthy();
});

test("what works council mode does not tell of the past is not nobody", () => {
  const told = someInsights();
  const kpis = { ...told.kpis, most_contacted_by: [] };
  renderPage(<ContactedWidget insights={{ ...told, kpis, unavailable: { people: "not_permitted" } }} asOf={null} side="us" />);
  expect(screen.queryByText("Nobody yet")).toBeNull();
  expect(screen.getByText("Not shown to you")).toBeTruthy();
});
