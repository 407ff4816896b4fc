import type { Page } from "@playwright/test";
import { freshServer, type FreshServer } from "../fresh.ts";
import { ADMINISTRATORS, CLIENT, realProvider, type RealProvider } from "../provider.ts";
import { expect, expectAccessible, test } from "../support.ts";

/** Says who one is at the provider, whose page is open. */
async function enter(page: Page, name: string) {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test.describe("with a real OpenID provider", () => {
  test.use({ viewer: null });
  let server: FreshServer;
  let provider: RealProvider;
  test.beforeAll(async () => {
    server = await freshServer();
    provider = await realProvider(`${server.address}/api/v1/sign-in/real/callback`);
    server.addProvider("real", "the real one", provider.issuer, CLIENT);
  });
  test.afterAll(() => {
    provider.stop();
    server.stop();
  });

  test("a user signs in there and is back where they wanted to be; a stranger is not let in", async ({ page }) => {
    const signInAs = async (name: string) => {
      await page.getByRole("link", { name: "Sign in with the real one" }).click();
      await enter(page, name);
    };
    await page.goto(`${server.address}/contacts/c1`);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expectAccessible(page);
    await signInAs("ann");
    await expect(page.getByRole("heading", { name: "Jo Smit" })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/contacts/c1");
    await expect(page.getByRole("button", { name: "Signed in as Ann Aarts" })).toBeVisible();

    await page.context().clearCookies();
    await page.goto(`${server.address}/contacts/c1`);
    await signInAs("stranger");
    await expect(page.getByText(/You are known there, but not here/)).toBeVisible();
    await expectAccessible(page);
    await page.goto(`${server.address}/contacts/c1`);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
});

test.describe("with a provider that says who administers the tenant", () => {
  test.use({ viewer: null });
  const KARIN = { email: "karin@us.example", password: "correct horse battery" };
  let server: FreshServer;
  let provider: RealProvider;
  test.beforeAll(async () => {
    server = await freshServer();
    provider = await realProvider(`${server.address}/api/v1/sign-in/real/callback`);
  });
  test.afterAll(() => {
    provider.stop();
    server.stop();
  });

  test("the tenant administrator consents by the link, without an account; somebody else does not", async ({ page }) => {
    // Karin administers Rapport; she asks for consent, and may not give it.
    await page.goto(server.setupLink);
    await page.getByRole("textbox", { name: "Your name" }).fill("Karin Smit");
    await page.getByRole("textbox", { name: "Email address" }).fill(KARIN.email);
    await page.getByLabel("New password", { exact: true }).fill(KARIN.password);
    await page.getByRole("button", { name: "Save and sign in" }).click();
    await expect(page.getByRole("button", { name: "Signed in as Karin Smit" })).toBeVisible();
    server.addProvider("real", "the real one", provider.issuer, CLIENT, ADMINISTRATORS);
    const put = async (path: string, data: object) => {
      const answer = await page.request.put(`${server.address}${path}`, { data });
      expect(answer.ok(), await answer.text()).toBe(true);
    };
    await put("/api/v1/enabling/premium", { is_enabled: true });
    await put("/api/v1/enabling/location", { location: "Utrecht" });
    const features = { relationship_analytics: true, who_knows_whom: true, mailbox: true };
    await put("/api/v1/enabling", { ...features, roles: ["Salesperson"] });

    // What she sets up, she sees; by what tenant administrators are known, she may not change.
    await page.goto(`${server.address}/settings/providers`);
    await expect(page.getByRole("row", { name: /the real one/ })).toContainText("roles = tenant-admin");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Edit the real one" }).click();
    const drawer = page.getByRole("dialog");
    await expect(drawer.getByText("Only a Privacy Administrator may set this", { exact: false })).toBeVisible();
    await expectAccessible(page);
    await drawer.getByRole("button", { name: "Close" }).click();
    await page.goto(`${server.address}/settings/overview`);
    await page.getByRole("button", { name: "Make a link to hand on" }).click();
    const link = (await page.getByText("/consent#").textContent()) ?? "";
    await expectAccessible(page);
    await page.request.post(`${server.address}/api/v1/sign-out`);

    // Ann has the link too, but does not administer the tenant.
    const answerAs = async (name: string) => {
      await page.getByRole("link", { name: "Sign in with the real one to answer" }).click();
      await enter(page, name);
    };
    await page.goto(link);
    await expect(page.getByText("Utrecht")).toBeVisible();
    await expectAccessible(page);
    await answerAs("ann");
    await expect(page.getByText(/it was not said that you administer the tenant/)).toBeVisible();
    await expect(page.getByText("Utrecht")).toBeVisible();

    // The provider forgets Ann; Tina administers the tenant, and has no account here.
    await page.context().clearCookies();
    await answerAs("tina");
    await expect(page.getByText(/^Signed in as tina@us\.example by the real one/)).toBeVisible();
    expect(new URL(page.url()).pathname).toBe("/consent");
    await page.getByRole("textbox", { name: "What is agreed to" }).fill("decision of the board");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Grant", exact: true }).click();
    await expect(page.getByText(/^Granted on .*: decision of the board$/)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByText("Consent is granted.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Withdraw" })).toHaveCount(0);

    // Her ticket opened nothing else; Karin sees what came of it.
    const signedIn = await page.request.post(`${server.address}/api/v1/sign-in`, { data: KARIN });
    expect(signedIn.status()).toBe(204);
    await page.goto(`${server.address}/settings/overview`);
    await expect(page.getByText("It uses CRM data and the mailboxes of 1 users.")).toBeVisible();
    await expect(page.getByRole("region", { name: "Next steps" }).getByText("Granted", { exact: true })).toBeVisible();
    await expectAccessible(page);
  });
});
