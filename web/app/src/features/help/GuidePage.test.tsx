import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { compileGuide } from "../../../build/guides.ts";
import { AREAS } from "@/frame/areas.ts";
import { renderPage } from "@/testing/render.tsx";
import { GuidePage } from "./GuidePage.tsx";
import { GuidesPage } from "./GuidesPage.tsx";
import { guides as english } from "./guides-en.ts";
import { guides as dutch } from "./guides-nl.ts";
import { isGuide, type GuideNode } from "./guides.ts";

test("all guides are listed in the language of the pages", async () => {
  renderPage(<GuidesPage />, { language: "nl" });
  const links = await waitFor(() => {
    const found = screen.getAllByRole("link");
    expect(found).toHaveLength(Object.keys(dutch).length);
    return found;
  });
  expect(links.map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
    ["Relatie-informatie inschakelen", "/help/enabling"],
    ["Postvakken verbinden", "/help/connectors"],
    ["Privacy voor medewerkers", "/help/privacy-for-employees"],
    ["Voor ondernemingsraden", "/help/works-council"],
  ]);
});

test("a guide has headings, steps, tables and links to pages, by whatever name it is asked for", async () => {
  renderPage(<GuidePage name="inschakelen" />);
  expect(await screen.findByRole("heading", { level: 1, name: "Enabling relationship intelligence" })).toBeTruthy();
  expect(screen.getByRole("heading", { level: 2, name: "The 14 days" })).toBeTruthy();
  const [days] = screen.getAllByRole("table");
  expect(within(days ?? document.body).getByRole("columnheader", { name: "what happens" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Privacy for employees" }).getAttribute("href")).toBe("/help/privacy-for-employees");
  expect(screen.getAllByRole("link", { name: "Overview" })[0]?.getAttribute("href")).toBe("/settings/overview");
  expect(screen.queryByRole("link", { name: "Nederlands" })).toBeNull();
});

test("no link of a guide leads nowhere, and every guide is in both languages", () => {
  const pages = AREAS.flatMap(({ groups }) => groups.flatMap((group) => group.pages.map(({ path }) => path)));
  const isPage = (href: string) => pages.includes(href) || ["/account", "/settings/consent"].includes(href);
  const all = [...Object.values(english), ...Object.values(dutch)];
  for (const guide of all) {
    for (const href of guide.nodes.flatMap(linksOf)) {
      expect(href.startsWith("/help/") ? isGuide(href.slice("/help/".length)) : isPage(href), href).toBe(true);
    }
  }
  expect(Object.keys(dutch)).toHaveLength(Object.keys(english).length);
  for (const path of [...Object.keys(english), ...Object.keys(dutch)]) {
    expect(isGuide(path.replace(/^.*\//, "").replace(/\.md$/, "")), path).toBe(true);
  }
});

test("HTML and links out of the pages are no part of a guide", () => {
  const guide = (text: string) => () => compileGuide(`# Title\n\nLead.\n\n${text}\n`);
  expect(guide("<script>alert(1)</script>")).toThrow("a guide cannot show html");
  expect(guide("![x](https://x.example/x.png)")).toThrow("a guide cannot show image");
  expect(guide("[out](https://x.example)")).toThrow("neither a guide nor a page");
  expect(guide("[out](javascript:alert)")).toThrow("neither a guide nor a page");
  expect(guide("`a < b` and a & b")()).toEqual({
    title: "Title",
    lead: "Lead.",
    nodes: [{ tag: "p", children: [{ tag: "code", children: ["a < b"] }, " and a & b"] }],
  });
});

function linksOf(node: GuideNode): string[] {
  if (typeof node === "string") return [];
  return [...(node.href ? [node.href] : []), ...(node.children ?? []).flatMap(linksOf)];
}
