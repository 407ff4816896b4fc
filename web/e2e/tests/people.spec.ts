import type { Page } from "@playwright/test";
import { freshServer, type FreshServer } from "../fresh.ts";
import { expect, expectAccessible, test } from "../support.ts";

const PASSWORD = "correct horse battery";

test.describe("people among each other", () => {
  test.use({ language: "en", viewer: null });
  let server: FreshServer;
  test.beforeAll(async () => {
    server = await freshServer();
  });
  test.afterAll(() => server.stop());

  async function choosePassword(page: Page, name: string) {
    await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Save and sign in" }).click();
    await expect(page.getByRole("button", { name: `Signed in as ${name}` })).toBeVisible();
  }

  /** Somebody else sits down at the browser. */
  async function becomes(page: Page, email: string) {
    await page.request.post(`${server.address}/api/v1/sign-out`);
    const answer = await page.request.post(`${server.address}/api/v1/sign-in`, { data: { email, password: PASSWORD } });
    expect(answer.status()).toBe(204);
  }

  test("a colleague is asked first; works council mode takes two to turn off", async ({ page }) => {
    await page.goto(server.setupLink);
    await page.getByRole("textbox", { name: "Your name" }).fill("Karin Smit");
    await page.getByRole("textbox", { name: "Email address" }).fill("karin@us.example");
    await choosePassword(page, "Karin Smit");
    const put = async (path: string, data: object) => {
      const answer = await page.request.put(`${server.address}${path}`, { data });
      expect(answer.ok(), await answer.text()).toBe(true);
    };
    await put("/api/v1/users/karin%40us.example", { roles: ["System Administrator", "Privacy Administrator"] });
    await put("/api/v1/users/bob%40us.example", { roles: ["Vice President of Sales"] });
    for (const [id, at] of [
      ["m1", "2026-11-02T09:00:00Z"],
      ["m2", "2026-11-09T09:00:00Z"],
    ]) {
      const mail = { kind: "email", state: "completed", at, from: "ann@us.example", to: ["jo@acme.example"] };
      await put(`/api/v1/activities/${id}`, mail);
    }
    for (const email of ["ann@us.example", "bob@us.example"]) {
      const made = await page.request.post(`${server.address}/api/v1/users/${encodeURIComponent(email)}/sign-in`);
      const { link } = (await made.json()) as { link: string };
      const token = link.split("#")[1];
      const chosen = await page.request.post(`${server.address}/api/v1/invitation/password`, {
        data: { token, password: PASSWORD },
      });
      expect(chosen.status()).toBe(204);
      await becomes(page, "karin@us.example");
    }

    // Ann wants to be asked first, and sees who looked at her.
    await becomes(page, "ann@us.example");
    await page.goto(`${server.address}/privacy`);
    await page.getByRole("switch", { name: "Ask me before others learn that I can introduce" }).click();
    await expect(page.getByRole("switch", { name: "Ask me before others learn that I can introduce" })).toBeChecked();
    await expectAccessible(page);

    // Bob sees a colleague, and asks.
    await becomes(page, "bob@us.example");
    await page.goto(`${server.address}/who-knows?target=jo%40acme.example`);
    await page.getByRole("button", { name: /^A colleague, / }).click();
    await expect(page.getByText("This colleague wants to be asked first")).toBeVisible();
    await page.getByRole("button", { name: "Get introduced" }).click();
    await page.getByRole("button", { name: "Send the request" }).click();
    await expect(page.getByText("Your colleague is asked")).toBeVisible();
    await expectAccessible(page);

    // Ann accepts; then Bob is told who it is.
    await becomes(page, "ann@us.example");
    await page.goto(`${server.address}/introductions`);
    await expect(page.getByText("Bob Bos wants to meet Jo Smit")).toBeVisible();
    await page.getByRole("button", { name: "Accept" }).click();
    await expect(page.getByRole("button", { name: "I have introduced them" })).toBeVisible();
    await expectAccessible(page);
    await becomes(page, "bob@us.example");
    await page.goto(`${server.address}/introductions`);
    await expect(page.getByText("Jo Smit, by Ann Aarts")).toBeVisible();

    // Karin turns works council mode on, and cannot turn it off alone: Bob is the council.
    await becomes(page, "karin@us.example");
    await page.goto(`${server.address}/works-council`);
    await page.getByLabel(/Account of the works council/).selectOption("bob@us.example");
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Turn on" }).click();
    await expect(page.getByText("Works council mode is on")).toBeVisible();
    await page.goto(`${server.address}/contacts/c1`);
    await expect(page.getByText("you see what you took part in yourself")).toBeVisible();
    await page.goto(`${server.address}/contacts/c1?tab=analytics`);
    await expect(page.getByText("Not shown to you").first()).toBeVisible();
    await expectAccessible(page);
    await page.goto(`${server.address}/works-council`);
    await page.getByRole("button", { name: "Ask the works council to turn it off" }).click();
    await expect(page.getByText("It stays on until Bob Bos agrees")).toBeVisible();
    await becomes(page, "bob@us.example");
    await page.goto(`${server.address}/works-council`);
    await page.getByRole("button", { name: "Agree to turn it off" }).click();
    await expect(page.getByText("Works council mode is off")).toBeVisible();
  });

  test("a consent link needs no account, and grants nothing", async ({ page }) => {
    await becomes(page, "karin@us.example");
    const put = (path: string, data: object) => page.request.put(`${server.address}${path}`, { data });
    await put("/api/v1/enabling/premium", { is_enabled: true });
    await put("/api/v1/enabling/location", { location: "Utrecht" });
    await put("/api/v1/enabling", { relationship_analytics: true, who_knows_whom: true, mailbox: true, roles: ["Salesperson"] });
    await page.goto(`${server.address}/settings/overview`);
    await page.getByRole("button", { name: "Make a link to hand on" }).click();
    const link = (await page.getByText("/consent#").textContent()) ?? "";
    await page.request.post(`${server.address}/api/v1/sign-out`);
    expect(link).toMatch(new RegExp(`^${server.address}/consent#.+`));
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "Consent to mailbox data" })).toBeVisible();
    await expect(page.getByText("Utrecht")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Sign in to answer" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
});
