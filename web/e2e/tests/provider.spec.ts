import { freshServer, type FreshServer } from "../fresh.ts";
import { CLIENT, realProvider, type RealProvider } from "../provider.ts";
import { expect, expectAccessible, test } from "../support.ts";

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
      await page.getByPlaceholder("Enter any login").fill(name);
      await page.getByPlaceholder("and password").fill("any");
      await page.getByRole("button", { name: "Sign-in" }).click();
      await page.getByRole("button", { name: "Continue" }).click();
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
