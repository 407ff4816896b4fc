import { expect, expectAccessible, test } from "../support.ts";

/** Every page with what it is called in both languages. */
const PAGES = [
  { path: "/", en: "Dashboard", nl: "Dashboard" },
  { path: "/accounts", en: "My Accounts by Relationship", nl: "Mijn accounts op relatie" },
  { path: "/contacts", en: "My Contacts by Relationship", nl: "Mijn contactpersonen op relatie" },
  { path: "/leads", en: "My Open Leads by Relationship", nl: "Mijn open leads op relatie" },
  { path: "/opportunities?chart=true", en: "My Open Opportunities by Relationship", nl: "Mijn open verkoopkansen op relatie" },
  { path: "/contacts/CON-0224", en: "Aarav Iyer", nl: "Aarav Iyer" },
  { path: "/contacts/CON-0224?tab=analytics", en: "Aarav Iyer", nl: "Aarav Iyer" },
  { path: "/accounts/ACC-033?tab=analytics", en: "Aare Messtechnik", nl: "Aare Messtechnik" },
  { path: "/who-knows?target=contact%3ACON-0224&hops=2", en: "Who knows whom", nl: "Wie kent wie" },
  { path: "/settings/premium", en: "Premium features", nl: "Premium-functies" },
  { path: "/settings/overview", en: "Overview", nl: "Overzicht" },
  { path: "/settings/consent", en: "Consent to mailbox data", nl: "Toestemming voor postvakgegevens" },
  { path: "/settings/health", en: "Analytics and health", nl: "Analyse en gezondheid" },
  { path: "/settings/evaluation", en: "Does the score mean anything?", nl: "Zegt de score iets?" },
  { path: "/settings/who-knows", en: "Who knows whom", nl: "Wie kent wie" },
  { path: "/settings/data", en: "Data and settings", nl: "Gegevens en instellingen" },
  { path: "/settings/connectors", en: "Connectors", nl: "Connectors" },
  { path: "/settings/imports", en: "Imports", nl: "Importen" },
  { path: "/settings/users", en: "Users", nl: "Gebruikers" },
  { path: "/settings/roles", en: "Security roles", nl: "Beveiligingsrollen" },
  { path: "/settings/providers", en: "Sign-in providers", nl: "Aanmeldproviders" },
  { path: "/settings/audit", en: "Audit log", nl: "Auditlogboek" },
  { path: "/privacy", en: "What is held", nl: "Wat er is vastgelegd" },
  { path: "/introductions", en: "Introductions", nl: "Introducties" },
  { path: "/settings/forms", en: "Forms", nl: "Formulieren" },
  { path: "/privacy-requests", en: "Requests of people", nl: "Verzoeken van mensen" },
  { path: "/works-council", en: "Works council", nl: "Ondernemingsraad" },
  { path: "/licences", en: "Licences compared", nl: "Licenties vergeleken" },
  { path: "/why", en: "Why can’t I see this?", nl: "Waarom zie ik dit niet?" },
  { path: "/help", en: "Guides", nl: "Handleidingen" },
  { path: "/help/enabling", en: "Enabling relationship intelligence", nl: "Relatie-informatie inschakelen" },
  { path: "/help/privacy-for-employees", en: "Privacy for employees", nl: "Privacy voor medewerkers" },
  { path: "/help/works-council", en: "For works councils", nl: "Voor ondernemingsraden" },
] as const;

for (const language of ["en", "nl"] as const) {
  test.describe(language, () => {
    test.use({ language });
    for (const page of PAGES) {
      test(`${page.path} is in ${language} and accessible`, async ({ page: browser }) => {
        await browser.goto(page.path);
        await expect(browser.getByRole("heading", { level: 1 })).toHaveText(page[language]);
        await expect(browser.locator("html")).toHaveAttribute("lang", language);
        await browser.waitForLoadState("networkidle").catch(() => undefined);
        await expect(browser.locator("[aria-busy=true]")).toHaveCount(0);
        await expectAccessible(browser);
      });
    }
  });
}

test.describe("in the dark", () => {
  test.use({ theme: "dark" });
  for (const path of ["/", "/opportunities?chart=true", "/contacts/CON-0224?tab=analytics", "/settings/overview", "/privacy"]) {
    test(`${path} is accessible`, async ({ page }) => {
      await page.goto(path);
      await page.waitForLoadState("networkidle").catch(() => undefined);
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await expectAccessible(page);
    });
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });
  test("the site map opens as a drawer, and nothing is wider than the screen", async ({ page }) => {
    await page.goto("/contacts/CON-0224?tab=analytics");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => document.querySelector("main")?.scrollWidth)).toBeLessThanOrEqual(360);
    await page.getByRole("button", { name: "Site map" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Leads" }).click();
    await expect(page).toHaveURL(/\/leads$/);
  });
});

test("languages and themes change at once and stay", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Language and theme" }).click();
  await page.getByRole("menuitemradio", { name: "Nederlands" }).click();
  await expect(page.getByRole("link", { name: "Verkoopkansen" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("link", { name: "Verkoopkansen" })).toBeVisible();
});

test("areas are switched at the bottom left", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Change area: Sales" }).click();
  await page.getByRole("menuitemradio", { name: "App settings" }).click();
  await expect(page).toHaveURL(/\/settings\/users$/);
});

test("a path that leads nowhere says so", async ({ page }) => {
  await page.goto("/shoes");
  await expect(page.getByText("There is nothing here")).toBeVisible();
  await page.goto("/contacts/nobody");
  await expect(page.getByText("There is nothing here")).toBeVisible();
});
