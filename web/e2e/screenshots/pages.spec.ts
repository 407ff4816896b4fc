import { join } from "node:path";
import { expect, test } from "../support.ts";

const FOLDER = join(import.meta.dirname, "../../../docs/screenshots");

/** The pictures: name, path, height. */
const PICTURES = [
  ["dashboard", "/", 900],
  ["list", "/opportunities?view=all", 900],
  ["pipeline", "/opportunities?view=all&chart=true", 900],
  ["record-summary", "/contacts/CON-0224", 900],
  ["record-analytics", "/opportunities/OPP-028?tab=analytics", 2300],
  ["who-knows", "/who-knows?target=kaveritex.example&hops=2", 900],
  ["overview", "/settings/overview", 1300],
  ["health", "/settings/health", 1500],
  ["data", "/settings/data", 1500],
  ["imports", "/settings/imports", 900],
  ["users", "/settings/users", 900],
  ["audit", "/settings/audit", 900],
  ["privacy", "/privacy", 900],
] as const;

for (const [name, path, height] of PICTURES) {
  test(name, async ({ page }) => {
    await page.setViewportSize({ width: 1440, height });
    await page.goto(path);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await page.waitForTimeout(2_000);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  });
}

test.describe("in Dutch, dark, on a phone", () => {
  test.use({ language: "nl", theme: "dark", viewport: { width: 390, height: 1200 } });
  test("phone", async ({ page }) => {
    await page.goto("/contacts/CON-0224?tab=analytics");
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await page.waitForTimeout(1_000);
    await page.screenshot({ path: join(FOLDER, "phone-dark-nl.png") });
  });
});
