import type { Page } from "@playwright/test";
import { freshServer, type FreshServer } from "../fresh.ts";
import { expect, expectAccessible, test } from "../support.ts";

const PASSWORD = "correct horse battery";

/** What an administrator reads on the way, in both languages. */
const WORDS = {
  en: {
    premium: "Premium features",
    accept: "We accept these terms",
    enablePremium: "Enable premium features",
    area: /^Change area/,
    settings: "Sales Insights settings",
    insights: "Relationship insights",
    overview: "Overview",
    start: "Get started with relationship intelligence",
    enable: "Enable",
    analytics: "Relationship analytics",
    whoKnows: "Who knows whom",
    roles: "Security roles",
    options: "Options",
    role: "Salesperson (1)",
    save: "Save",
    location: "Location of the mail servers",
    declare: "Declare",
    pending: "Consent to mailbox data is missing: 14 days are left",
    consent: "Consent to mailbox data",
    text: "What is agreed to",
    grant: "Grant",
    used: "It uses CRM data and the mailboxes of 1 users.",
    held: /2 interactions from your mailbox are stored/,
    sure: "Delete what was seen in my mailbox",
    optOut: "Opt out",
    optIn: "Opt in again",
    notAllowed: "You have no permission to see this",
    erase: "Erase a person",
    address: "Address of the person",
    eraseSure: "I understand that this cannot be undone",
    doErase: "Erase",
    done: "Done",
  },
  nl: {
    premium: "Premium-functies",
    accept: "Wij gaan akkoord met deze voorwaarden",
    enablePremium: "Premium-functies inschakelen",
    area: /^Wijzigingsgebied/,
    settings: "Instellingen voor Sales Insights",
    insights: "Relatie-inzichten",
    overview: "Overzicht",
    start: "Aan de slag met Relatie-informatie",
    enable: "Inschakelen",
    analytics: "Relatieanalyses",
    whoKnows: "Wie kent wie",
    roles: "Beveiligingsrollen",
    options: "Opties",
    role: "Salesperson (1)",
    save: "Opslaan",
    location: "Locatie van de mailservers",
    declare: "Opgeven",
    pending: "Toestemming voor postvakgegevens ontbreekt: nog 14 dagen",
    consent: "Toestemming voor postvakgegevens",
    text: "Waarmee akkoord wordt gegaan",
    grant: "Toestaan",
    used: "Er worden CRM-gegevens gebruikt en de postvakken van 1 gebruikers.",
    held: /2 interacties uit uw postvak vastgelegd/,
    sure: "Verwijder wat in mijn postvak is gezien",
    optOut: "Afmelden",
    optIn: "Weer aanmelden",
    notAllowed: "U mag dit niet zien",
    erase: "Iemand wissen",
    address: "Adres van de persoon",
    eraseSure: "Ik begrijp dat dit niet ongedaan kan worden gemaakt",
    doErase: "Wissen",
    done: "Klaar",
  },
} as const;

for (const language of ["en", "nl"] as const) {
  test.describe(language, () => {
    test.use({ language, viewer: null });
    let server: FreshServer;
    test.beforeAll(async () => {
      server = await freshServer();
    });
    test.afterAll(() => server.stop());

    /** Chooses a password by a link, which signs in. */
    async function choosePassword(page: Page, link: string, rest: object = {}) {
      const data = { token: link.split("#")[1], password: PASSWORD, ...rest };
      const chosen = await page.request.post(`${server.address}/api/v1/invitation/password`, { data });
      expect(chosen.status(), await chosen.text()).toBe(204);
    }

    /** Somebody else sits down at the browser. */
    async function becomes(page: Page, email: string) {
      await page.request.post(`${server.address}/api/v1/sign-out`);
      const answer = await page.request.post(`${server.address}/api/v1/sign-in`, { data: { email, password: PASSWORD } });
      expect(answer.status()).toBe(204);
    }

    /** The administrator lets somebody in, who then sits at the browser. */
    async function letIn(page: Page, email: string) {
      await becomes(page, "karin@us.example");
      const made = await page.request.post(`${server.address}/api/v1/users/${encodeURIComponent(email)}/sign-in`);
      const { link } = (await made.json()) as { link: string };
      await choosePassword(page, link);
    }

    test(`from a fresh store to the first insight, in ${language}`, async ({ page }) => {
      const words = WORDS[language];
      const button = (name: string) => page.getByRole("button", { name, exact: true });
      // Karin administers, Wouter keeps privacy: she asks, he consents.
      await choosePassword(page, server.setupLink, { email: "karin@us.example", name: "Karin Smit" });
      const roles = { name: "Wouter Wit", roles: ["Privacy Administrator"] };
      expect((await page.request.put(`${server.address}/api/v1/users/wouter%40us.example`, { data: roles })).status()).toBe(201);
      await page.goto(server.address);
      await page.getByRole("button", { name: words.area }).click();
      await page.getByRole("menuitemradio", { name: words.settings }).click();
      await expect(page.getByRole("group", { name: words.insights })).toBeVisible();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.overview);
      await expect(page.getByRole("heading", { name: words.start })).toBeVisible();
      // Premium features come first.
      await expect(button(words.enable)).toBeDisabled();
      await expectAccessible(page);
      await page.getByRole("main").getByRole("link", { name: words.premium }).click();
      await expect(button(words.enablePremium)).toBeDisabled();
      await page.getByRole("checkbox", { name: words.accept }).check();
      await expectAccessible(page);
      await button(words.enablePremium).click();
      await page.getByRole("link", { name: words.overview, exact: true }).click();
      await button(words.enable).click();
      for (const feature of [words.analytics, words.whoKnows])
        await expect(page.getByRole("switch", { name: feature })).toBeChecked();
      await expect(page.getByRole("heading", { name: words.roles })).toBeVisible();
      await expect(page.getByText(words.options, { exact: true })).toHaveCount(2);
      await page.getByRole("checkbox", { name: words.role }).check();
      await expectAccessible(page);
      await button(words.save).click();
      // Nobody said where the mailboxes lie: nobody is asked before that.
      await page.getByRole("textbox", { name: words.location }).fill("Utrecht");
      await button(words.declare).click();
      await expect(page.getByText(words.pending)).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("main").getByRole("link", { name: words.consent }).first().click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.consent);
      await expect(page.getByText("Utrecht")).toBeVisible();
      await expect(button(words.grant)).toHaveCount(0);
      await expectAccessible(page);

      await letIn(page, "wouter@us.example");
      await page.goto(`${server.address}/settings/consent`);
      await page.getByRole("textbox", { name: words.text }).fill("agreed by the board");
      await expectAccessible(page);
      await button(words.grant).click();
      await expect(page.getByText(words.used)).toBeVisible();
      await expectAccessible(page);

      server.importMail();
      await becomes(page, "karin@us.example");
      await page.goto(`${server.address}/who-knows?target=jo@acme.example`);
      await expect(page.getByRole("main").getByText("Ann Aarts").first()).toBeVisible();
    });

    test(`a seller without rights, and an employee who opts out, in ${language}`, async ({ page }) => {
      const words = WORDS[language];
      await letIn(page, "ann@us.example");
      await page.goto(`${server.address}/settings/overview`);
      await expect(page.getByText(words.notAllowed)).toBeVisible();
      await expectAccessible(page);
      await page.goto(`${server.address}/privacy`);
      await expect(page.getByText(words.held)).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("checkbox", { name: words.sure }).check();
      await page.getByRole("button", { name: words.optOut, exact: true }).click();
      await expect(page.getByRole("button", { name: words.optIn, exact: true })).toBeVisible();
      await expectAccessible(page);
      await becomes(page, "karin@us.example");
      await page.goto(`${server.address}/who-knows?target=jo@acme.example`);
      await expect(page.getByRole("main").getByText("Ann Aarts")).toHaveCount(0);
    });

    test(`the privacy administrator erases a person, in ${language}`, async ({ page }) => {
      const words = WORDS[language];
      await becomes(page, "wouter@us.example");
      await page.goto(`${server.address}/privacy-requests`);
      await page.getByRole("radio", { name: words.erase }).check();
      await page.getByRole("textbox", { name: words.address }).first().fill("jo@acme.example");
      await page.getByRole("checkbox", { name: words.eraseSure }).check();
      await expectAccessible(page);
      await page.getByRole("button", { name: words.doErase, exact: true }).click();
      await expect(page.getByText(words.done, { exact: true }).first()).toBeVisible();
      await expect(page.getByText("jo@acme.example")).toHaveCount(0);
      await expectAccessible(page);
    });
  });
}
