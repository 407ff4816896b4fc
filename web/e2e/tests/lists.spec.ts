import { api, expect, SELLER, test } from "../support.ts";

interface List {
  total: number;
  items: { id: string; name: string; health_score: number | null }[];
}

test("sorts on the server, both ways", async ({ page, request }) => {
  await page.goto("/opportunities?view=all");
  const grid = page.getByRole("grid");
  await page.getByRole("columnheader", { name: "Relationship health" }).getByRole("button").click();
  await expect(page.getByRole("columnheader", { name: "Relationship health" })).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("columnheader", { name: "Relationship health" }).getByRole("button").click();
  await expect(page).toHaveURL(/order=desc/);
  const { items, total } = await api<List>(request, "opportunities?state=open&sort=health_score&order=desc&limit=3");
  for (const [i, item] of items.entries()) await expect(grid.locator(`[data-row="${i}"] a`)).toHaveText(item.name);
  await expect(grid).toHaveAttribute("aria-rowcount", String(total + 1));
});

test("searches and filters, in words and in the URL", async ({ page, request }) => {
  await page.goto("/contacts?view=all");
  await page.getByRole("searchbox", { name: "Search this list" }).fill("kaveri");
  const found = await api<List>(request, "contacts?q=kaveri");
  await expect(page.getByText(`${found.total} records`)).toBeVisible();
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const panel = page.getByRole("dialog");
  await panel.getByRole("combobox", { name: "Column" }).click();
  await page.getByRole("option", { name: "Relationship health" }).click();
  await panel.getByRole("combobox", { name: "Value" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Good" }).click();
  await page.keyboard.press("Escape");
  await panel.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Relationship health: Good")).toBeVisible();
  const filter = encodeURIComponent(JSON.stringify([{ column: "health_state", op: "in", value: ["good"] }]));
  const good = await api<List>(request, `contacts?q=kaveri&filter=${filter}`);
  await expect(page.getByText(`${good.total} record`)).toBeVisible();
  await page.reload();
  await expect(page.getByText("Relationship health: Good")).toBeVisible();
});

test("shows other columns and downloads what it shows", async ({ page }) => {
  await page.goto("/contacts?view=all");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Job title" }).check();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("columnheader", { name: "Job title" })).toBeVisible();
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Excel workbook" }).click();
  expect((await download).suggestedFilename()).toBe("contacts.xlsx");
});

test("a view is saved, chosen again and deleted", async ({ page }) => {
  await page.goto("/contacts?view=all&sort=last_at");
  await page.getByRole("button", { name: "All Contacts by Relationship" }).click();
  await page.getByRole("menuitem", { name: "Save as my view" }).click();
  await page.getByRole("textbox", { name: "Name of the view" }).fill("Longest silent");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Longest silent");
  await page.goto("/contacts");
  await page.getByRole("heading", { level: 1 }).getByRole("button").click();
  await page.getByRole("menuitemradio", { name: "Longest silent" }).click();
  await expect(page).toHaveURL(/sort=last_at/);
  await page.getByRole("heading", { level: 1 }).getByRole("button").click();
  await page.getByRole("menuitem", { name: "Delete the view “Longest silent”" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("All Contacts by Relationship");
});

test("my team's view shows those who report to me or beside me", async ({ page, request }) => {
  await page.goto("/opportunities?view=team");
  const team = await api<List>(request, `opportunities?view=team&state=open&viewer=${SELLER}`);
  await expect(page.getByText(`${team.total} records`)).toBeVisible();
});

test("a bubble says its deal and opens it; the brush filters the list", async ({ page, request }) => {
  await page.goto("/opportunities?view=all&chart=true");
  const chart = page.getByRole("region", { name: "Relationship Pipeline" });
  const pipeline = await api<{ points: { id: string; name: string }[]; not_shown: { past_close_date: number } }>(
    request,
    "pipeline",
  );
  await expect(chart.getByRole("link")).toHaveCount(pipeline.points.length);
  await expect(
    chart.getByText(`${pipeline.not_shown.past_close_date} are past their close date`, { exact: false }),
  ).toBeVisible();
  const box = await chart.getByRole("group").boundingBox();
  if (!box) throw new Error("the chart has no place");
  await page.mouse.move(box.x + box.width * 0.12, box.y + box.height * 0.45);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.98, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByText("Est. close date from", { exact: false })).toBeVisible();
  const point = pipeline.points[0];
  if (!point) throw new Error("the demo has open deals");
  await page.goto("/opportunities?view=all&chart=true");
  await chart.locator(`[data-id="${point.id}"]`).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(point.name);
});

test("nobody's view asks who one is", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto("/contacts?view=my");
  await expect(page.getByText("Whose records are yours?")).toBeVisible();
  const picker = page.getByRole("main").getByRole("combobox", { name: "Choose who you are" });
  await picker.click();
  await picker.pressSequentially("Lotte");
  await page.getByRole("option", { name: "Lotte Janssens" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
  await context.close();
});
