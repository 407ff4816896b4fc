import type { Page } from "@playwright/test";
import { freshServer, type FreshServer } from "../fresh.ts";
import { expect, expectAccessible, test } from "../support.ts";

/** What people read on the way, in both languages. */
const WORDS = {
  en: {
    welcome: "Welcome to Rapport",
    name: "Your name",
    email: "Email address",
    newPassword: "New password",
    choose: "Save and sign in",
    users: "Users",
    edit: "Edit Bob Bos",
    manager: "Sales Manager",
    save: "Save",
    saved: "Saved. It holds at once.",
    invite: "Make a link to choose a password",
    close: "Close",
    account: "My account",
    signedIn: (name: string) => `Signed in as ${name}`,
    signOut: "Sign out",
    title: "Sign in",
    password: "Password",
    enter: "Sign in",
    wrong: "The address or the password is wrong.",
    notPermitted: "You have no permission to see this",
    dashboard: "Dashboard",
    held: "What is held",
  },
  nl: {
    welcome: "Welkom bij Rapport",
    name: "Uw naam",
    email: "E-mailadres",
    newPassword: "Nieuw wachtwoord",
    choose: "Opslaan en inloggen",
    users: "Gebruikers",
    edit: "Bob Bos bewerken",
    manager: "Sales Manager",
    save: "Opslaan",
    saved: "Opgeslagen. Het geldt meteen.",
    invite: "Koppeling maken om een wachtwoord te kiezen",
    close: "Sluiten",
    account: "Mijn account",
    signedIn: (name: string) => `Ingelogd als ${name}`,
    signOut: "Uitloggen",
    title: "Inloggen",
    password: "Wachtwoord",
    enter: "Inloggen",
    wrong: "Het adres of het wachtwoord klopt niet.",
    notPermitted: "U mag dit niet zien",
    dashboard: "Dashboard",
    held: "Wat er is vastgelegd",
  },
} as const;

const PASSWORD = "correct horse battery";

for (const language of ["en", "nl"] as const) {
  const words = WORDS[language];

  test.describe(language, () => {
    test.use({ language, viewer: null });
    let server: FreshServer;
    test.beforeAll(async () => {
      server = await freshServer();
    });
    test.afterAll(() => server.stop());

    async function signOut(page: Page, name: string) {
      await page.getByRole("button", { name: words.signedIn(name) }).click();
      await page.getByRole("button", { name: words.signOut, exact: true }).click();
      await expect(page.getByRole("heading", { name: words.title })).toBeVisible();
    }

    async function signIn(page: Page, email: string, password: string) {
      await page.getByRole("textbox", { name: words.email }).fill(email);
      await page.getByLabel(words.password, { exact: true }).fill(password);
      await page.getByRole("button", { name: words.enter, exact: true }).click();
    }

    test(`the first administrator lets a manager in; a seller without rights sees nothing (${language})`, async ({ page }) => {
      // The link that the server's log shows makes the first administrator; before, nobody had to sign in.
      expect(server.setupLink).toContain(server.address);
      await page.goto(server.setupLink);
      await expect(page.getByRole("heading", { name: words.welcome })).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("textbox", { name: words.name }).fill("Karin Smit");
      await page.getByRole("textbox", { name: words.email }).fill("karin@us.example");
      await page.getByLabel(words.newPassword, { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: words.choose }).click();
      await expect(page.getByRole("button", { name: words.signedIn("Karin Smit") })).toBeVisible();
      expect(page.url()).not.toContain("#");

      // She changes a user's rights, and makes links for two.
      const links: Record<string, string> = {};
      await page.goto(`${server.address}/settings/users`);
      for (const [name, email] of [
        ["Ann Aarts", "ann@us.example"],
        ["Bob Bos", "bob@us.example"],
      ] as const) {
        await page.getByRole("button", { name: words.edit.replace("Bob Bos", name) }).click();
        const drawer = page.getByRole("dialog");
        if (name === "Ann Aarts") await drawer.getByRole("checkbox", { name: "Salesperson" }).uncheck();
        await drawer.getByRole("button", { name: words.save, exact: true }).click();
        await expect(drawer.getByText(words.saved)).toBeVisible();
        await drawer.getByRole("button", { name: words.invite }).click();
        links[email] = (await drawer.getByText("/invitation#").textContent()) ?? "";
        if (name === "Ann Aarts") await expectAccessible(page);
        await drawer.getByRole("button", { name: words.close }).click();
      }
      await page.goto(`${server.address}/account`);
      await expect(page.getByRole("heading", { name: words.account })).toBeVisible();
      await expectAccessible(page);
      await signOut(page, "Karin Smit");
      await expectAccessible(page);

      // Without a right word nobody comes in, and a page that is asked for waits.
      await page.goto(`${server.address}/contacts/c1`);
      await signIn(page, "bob@us.example", "wrong horse battery");
      await expect(page.getByText(words.wrong)).toBeVisible();

      // Bob, a sales manager, sees the contact.
      await page.goto(links["bob@us.example"] ?? "");
      await page.getByLabel(words.newPassword, { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: words.choose }).click();
      await expect(page.getByRole("button", { name: words.signedIn("Bob Bos") })).toBeVisible();
      await page.goto(`${server.address}/contacts/c1`);
      await expect(page.getByRole("heading", { name: "Jo Smit" })).toBeVisible();
      await signOut(page, "Bob Bos");

      // Ann has no role any more: what is hers is there, everything else is refused.
      await page.goto(links["ann@us.example"] ?? "");
      await page.getByLabel(words.newPassword, { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: words.choose }).click();
      await expect(page.getByRole("button", { name: words.signedIn("Ann Aarts") })).toBeVisible();
      await expect(page.getByText(words.notPermitted).first()).toBeVisible();
      await page.goto(`${server.address}/contacts/c1`);
      await expect(page.getByText(words.notPermitted).first()).toBeVisible();
      await page.goto(`${server.address}/privacy`);
      await expect(page.getByRole("heading", { name: words.held, exact: true, level: 1 })).toBeVisible();
      await expect(page.getByRole("link", { name: words.dashboard })).toHaveCount(0);
      await expectAccessible(page);
      await signOut(page, "Ann Aarts");
      await signIn(page, "ann@us.example", PASSWORD);
      await expect(page.getByRole("button", { name: words.signedIn("Ann Aarts") })).toBeVisible();
    });
  });
}
