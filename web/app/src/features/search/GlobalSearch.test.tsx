import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { GlobalSearch } from "./GlobalSearch.tsx";

const SEARCH = "GET /api/v1/search";
const ITEMS = [
  { kind: "contact", table: "contacts", id: "c1", name: "Pim Timmermans", detail: "Acme", email: "pim@acme.example" },
  { kind: "person", id: "po@acme.example", name: "Po", email: "po@acme.example" },
];

test("`/` goes to the search from anywhere but a field", async () => {
  fakeApi({});
  renderPage(
    <>
      <GlobalSearch />
      <input aria-label="other" />
    </>,
  );
  await userEvent.click(screen.getByRole("textbox", { name: "other" }));
  await userEvent.keyboard("/");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("other");
  screen.getByRole("textbox", { name: "other" }).blur();
  await userEvent.keyboard("/");
  expect(document.activeElement?.getAttribute("role")).toBe("combobox");
  expect((document.activeElement as HTMLInputElement).value).toBe("");
});

test("what is found can be chosen by keyboard", async () => {
  const requests = fakeApi({ [SEARCH]: () => ({ items: ITEMS }) });
  renderPage(<GlobalSearch />);
  const box = screen.getByRole("combobox");
  await userEvent.type(box, "p");
  const options = await screen.findAllByRole("option");
  expect(options[0]?.textContent).toBe("Pim TimmermansContact · Acme · pim@acme.example");
  expect(options[0]?.getAttribute("aria-selected")).toBe("true");
  await userEvent.keyboard("{ArrowDown}");
  expect(box.getAttribute("aria-activedescendant")).toBe(options[1]?.id);
  await userEvent.keyboard("{Enter}");
  expect((box as HTMLInputElement).value).toBe("");
  expect(box.getAttribute("aria-expanded")).toBe("false");
  expect(requests[0]?.search.get("q")).toBe("p");
});

test("nothing found is said; Escape closes", async () => {
  fakeApi({ [SEARCH]: () => ({ items: [] }) });
  renderPage(<GlobalSearch />);
  await userEvent.type(screen.getByRole("combobox"), "zz");
  expect(await screen.findByText("Nothing is called “zz”")).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("combobox").getAttribute("aria-expanded")).toBe("false");
});
