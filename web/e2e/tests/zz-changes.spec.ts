import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, DATA } from "../environment.ts";
import { api, expect, test } from "../support.ts";

// These change the organization, so they run last.

/** What an import may take to reach an open page. */
const LIVE_MS = 5_000;

test("an import on the command line changes the open page within five seconds, without reload", async ({ page, request }) => {
  await page.goto("/contacts/CON-0224?tab=analytics");
  const before = await api<{ kpis: { phone_calls_made: number } }>(request, "contacts/CON-0224/insights");
  const figure = page.locator('[data-figure="kpis.phone_calls_made"]');
  await expect(figure).toHaveAttribute("data-value", String(before.kpis.phone_calls_made));
  await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }));
  const file = join(tmpdir(), "rapport-e2e-live.csv");
  const minuteAgo = new Date(Date.now() - 60_000).toISOString();
  writeFileSync(
    file,
    `occurred_at,kind,from,to,source\n${minuteAgo},phone_call,priya.raman@zilverbrug.example,a.iyer@kaveritex.example,crm\n`,
  );
  execFileSync(BINARY, ["--data", DATA, "import", "interactions", file]);
  await expect(figure).toHaveAttribute("data-value", String(before.kpis.phone_calls_made + 1), { timeout: LIVE_MS });
  expect(await page.evaluate(() => "isTheSamePage" in globalThis)).toBe(true);
});

test("a record is created, edited, and its call logged; figures follow at once", async ({ page, request }) => {
  await page.goto("/contacts");
  await page.getByRole("button", { name: "New" }).click();
  const drawer = page.getByRole("dialog", { name: "New contact" });
  await drawer.getByRole("textbox", { name: "Name" }).fill("Petra Proef");
  await drawer.getByRole("textbox", { name: "Email" }).fill("not an address");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(drawer.getByText(/`email`/)).toBeVisible();
  await drawer.getByRole("textbox", { name: "Email" }).fill("petra@proef.example");
  await drawer.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Petra Proef");

  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Job title" }).fill("Buyer");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Buyer")).toBeVisible();

  await page.getByRole("button", { name: "Log a call" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  const timeline = page.getByRole("region", { name: "Timeline" });
  await expect(timeline.locator('[data-kind="phone_call"]')).toHaveCount(1);

  await page.getByRole("button", { name: "New task" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Subject" }).fill("Send the offer");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(timeline.getByText("Upcoming")).toBeVisible();
  await timeline.getByRole("button", { name: "Complete" }).click();
  await expect(timeline.getByText("Upcoming")).toHaveCount(0);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const insights = await api<{ kpis: { phone_calls_made: number } }>(request, `contacts/${id}/insights`);
  expect(insights.kpis.phone_calls_made).toBe(1);
});

test("a setting changes every page at once", async ({ page }) => {
  await page.goto("/settings/health");
  const good = page.locator("[data-figure='contacts.good']");
  const before = Number(await good.getAttribute("data-value"));
  await page.getByRole("slider", { name: /^Good from/ }).fill("75");
  // The estimate moves before anything is saved.
  await expect(good).not.toHaveAttribute("data-value", String(before));
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.goto(
    "/opportunities?view=all&filter=%5B%7B%22column%22%3A%22health_score%22%2C%22op%22%3A%22le%22%2C%22value%22%3A74%7D%5D",
  );
  await expect(page.getByRole("grid")).toBeVisible();
  await expect(page.getByRole("grid").getByText("Good", { exact: true })).toHaveCount(0);
});

test("a file is imported from the page, and what it holds is there", async ({ page }) => {
  await page.goto("/settings/imports");
  const text = "id,name,email\nUP-1,Una Upload,una@upload.example\nUP-2,Ugo Upload,no address\n";
  await page.getByLabel("File").setInputFiles({ name: "contacts.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Import" }).click();
  const row = page.getByRole("row", { name: /^Contacts Completed/ }).first();
  await expect(row).toBeVisible();
  await row.getByRole("group").click();
  await expect(row).toContainText("contacts.csv:3");
  await page.goto("/contacts/UP-1");
  await expect(page.getByRole("heading", { level: 1, name: "Una Upload" })).toBeVisible();
});
