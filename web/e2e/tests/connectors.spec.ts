import { freshServer, type FreshServer } from "../fresh.ts";
import { expect, expectAccessible, test } from "../support.ts";

/** What an administrator reads on the way, in both languages. */
const WORDS = {
  en: {
    none: "There are no connectors yet",
    add: "Add a connector",
    server: /^Server/,
    unencrypted: "None",
    own: "Each mailbox has a password of its own",
    save: "Save",
    tls: /^TLS/,
    saved: "office-mail is saved.",
    works: "Works",
    pause: "Pause office-mail",
    paused: "Paused",
    remove: "Remove office-mail",
    cancel: "Cancel",
    sure: "Remove it",
    removed: "office-mail is removed. What it captured stays.",
  },
  nl: {
    none: "Er zijn nog geen connectors",
    add: "Een connector toevoegen",
    server: /^Server/,
    unencrypted: "Geen",
    own: "Elk postvak heeft een eigen wachtwoord",
    save: "Opslaan",
    tls: /^TLS/,
    saved: "office-mail is opgeslagen.",
    works: "Werkt",
    pause: "office-mail pauzeren",
    paused: "Gepauzeerd",
    remove: "office-mail verwijderen",
    cancel: "Annuleren",
    sure: "Verwijderen",
    removed: "office-mail is verwijderd. Wat al was vastgelegd, blijft bewaard.",
  },
} as const;

for (const [language, theme] of [
  ["en", "light"],
  ["nl", "dark"],
] as const) {
  test.describe(`${language}, ${theme}`, () => {
    test.use({ language, theme, viewer: null });
    let server: FreshServer;
    test.beforeAll(async () => {
      server = await freshServer();
    });
    test.afterAll(() => server.stop());

    test("a connector is added, paused and removed", async ({ page }) => {
      const words = WORDS[language];
      const data = {
        token: server.setupLink.split("#")[1],
        password: "correct horse battery",
        email: "karin@us.example",
        name: "Karin Smit",
      };
      expect((await page.request.post(`${server.address}/api/v1/invitation/password`, { data })).status()).toBe(204);
      await page.goto(`${server.address}/settings/connectors`);
      await expect(page.getByText(words.none)).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("button", { name: words.add }).click();
      const form = page.getByRole("dialog");
      await form.getByRole("radio", { name: /^IMAP/ }).check();
      await form.getByRole("textbox", { name: /^Id/ }).fill("office-mail");
      await form.getByRole("textbox", { name: words.server }).fill("mail.us.example");
      await form.getByRole("radio", { name: words.unencrypted, exact: true }).check();
      await form.getByRole("radio", { name: words.own }).check();
      await form.getByRole("button", { name: words.save }).click();
      await expect(form.getByText(/is another machine/)).toBeVisible();
      await expectAccessible(page);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/form-${language}.png` });
      await form.getByRole("radio", { name: words.tls }).check();
      await form.getByRole("button", { name: words.save }).click();
      await expect(page.getByText(words.saved)).toBeVisible();
      await expect(page.getByText(words.works, { exact: true })).toBeVisible();
      await page.getByRole("button", { name: words.pause }).click();
      await expect(page.getByText(words.paused, { exact: true })).toBeVisible();
      await expectAccessible(page);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/page-${language}.png` });
      // One dialog after another, as fast as somebody can: the focus that goes back from the first must not hide the second.
      await page.getByRole("button", { name: words.remove }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: words.cancel }).click();
      await page.getByRole("button", { name: words.remove }).click();
      await expectAccessible(page);
      await page.getByRole("alertdialog").getByRole("button", { name: words.sure }).click();
      await expect(page.getByText(words.removed)).toBeVisible();
    });
  });
}
