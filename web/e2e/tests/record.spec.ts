import type { Page } from "@playwright/test";
import { api, expect, test } from "../support.ts";

interface Insights {
  as_of: string;
  kpis: Record<string, unknown>;
  health: Record<string, unknown>;
}

/** All figures of the page as the page holds them: path to value. */
async function figures(page: Page): Promise<[string, string][]> {
  await expect(page.locator("[data-figure]").first()).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  return page
    .locator("[data-figure]")
    .evaluateAll((nodes) =>
      nodes.map((node): [string, string] => [node.getAttribute("data-figure") ?? "", node.getAttribute("data-value") ?? ""]),
    );
}

/** A value as an attribute holds it. */
function text(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}

function valueAt(insights: Insights, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], insights);
}

for (const [table, id] of [
  ["contacts", "CON-0224"],
  ["opportunities", "OPP-028"],
  ["accounts", "ACC-033"],
] as const) {
  test(`the widgets of ${table}/${id} show the API's numbers, now and as of another day`, async ({ page, request }) => {
    for (const asOf of ["", "2026-10-01T21:59:59Z"]) {
      const search = asOf ? `&as_of=${encodeURIComponent(asOf)}` : "";
      await page.goto(`/${table}/${id}?tab=analytics${search}`);
      const shown = await figures(page);
      const insights = await api<Insights>(request, `${table}/${id}/insights${asOf ? `?as_of=${asOf}` : ""}`);
      expect(shown.length).toBeGreaterThan(8);
      // Likelihood and memory move with the second; all that the page says in words does not.
      for (const [path, value] of shown.filter(([path]) => !path.includes("likelihood"))) {
        expect(value, path).toBe(text(valueAt(insights, path)));
      }
    }
  });
}

test("the as-of slider moves the whole page to another day and back", async ({ page }) => {
  await page.goto("/contacts/CON-0224?tab=analytics");
  const slider = page.getByRole("slider", { name: "As of" });
  await slider.focus();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("ArrowLeft");
  await expect(page).toHaveURL(/as_of=/);
  await expect(page.getByText("The page as it stood on", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page).not.toHaveURL(/as_of=/);
});

test("each widget says what it is, how it is computed, from what data, as of when", async ({ page }) => {
  await page.goto("/opportunities/OPP-028?tab=analytics");
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const widgets = page.locator("[data-widget]");
  await expect(widgets).toHaveCount(15);
  for (const widget of await widgets.all()) {
    await widget.getByRole("button", { name: /^About/ }).click();
    const pane = page
      .getByRole("dialog")
      .or(page.getByRole("group", { name: /^About/ }))
      .last();
    for (const term of ["What it is", "How it is computed", "From what data", "As of"])
      await expect(pane.getByText(term, { exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
  }
});

test("why this score: contributions add up to the memory", async ({ page, request }) => {
  await page.goto("/contacts/CON-0224?tab=analytics");
  const widget = page.locator("[data-widget=why-score]");
  await widget.getByRole("button", { name: "Show as table" }).first().click();
  const insights = await api<{ health: { memory: number; contributions: unknown[] } }>(request, "contacts/CON-0224/insights");
  await expect(widget.getByRole("row")).not.toHaveCount(0);
  await expect(widget.getByRole("rowheader", { name: "Sum" })).toBeVisible();
  await expect(widget.getByRole("cell", { name: insights.health.memory.toFixed(3) }).first()).toBeVisible();
});

test("a key path leads from the list to an introducer", async ({ page }) => {
  await page.goto("/contacts?view=all&q=Aarav%20Iyer");
  await expect(page.getByRole("grid").getByRole("link", { name: "Aarav Iyer" })).toBeVisible();
  // Into the list with Tab alone.
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.textContent === "Aarav Iyer")) break;
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Aarav Iyer");
  await page.getByRole("tab", { name: "Summary" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const node = page.getByRole("button", { name: /^Priya Raman: Strong connection/ });
  await expect(node).toBeVisible();
  await node.focus();
  await page.keyboard.press("Enter");
  const card = page.getByRole("dialog", { name: "Priya Raman" });
  await expect(card.getByText("Directness")).toBeVisible();
  await card.getByRole("button", { name: "Get introduced" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Message" })).toHaveValue(/introduce me to Aarav Iyer/);
});

test("search finds from anywhere by its key", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("aarav iy");
  await expect(page.getByRole("option", { name: /Aarav Iyer/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/contacts\/CON-0224/);
});

test("who knows an address or a company", async ({ page }) => {
  await page.goto("/who-knows");
  await page.getByRole("searchbox", { name: "An address, a person or a company" }).fill("kaveritex.example");
  await page.getByRole("button", { name: "Who knows them?" }).click();
  await expect(page.getByRole("heading", { name: "Who of us knows somebody at kaveritex.example" })).toBeVisible();
  await page.getByRole("button", { name: "Show as list" }).click();
  await expect(page.getByRole("button", { name: /Get introduced by/ }).first()).toBeVisible();
  await page.goto("/who-knows?target=nonsense");
  await expect(page.getByText("There is nothing here")).toBeVisible();
});
