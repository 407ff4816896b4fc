import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type APIRequestContext, type Page } from "@playwright/test";

/** A seller of the demo organization with deals in every state. */
export const SELLER = "lotte.janssens@zilverbrug.example";

interface Options {
  language: "en" | "nl";
  theme: "light" | "dark";
  viewer: string | null;
}

export const test = base.extend<Options & { failures: undefined }>({
  language: ["en", { option: true }],
  theme: ["light", { option: true }],
  viewer: [SELLER, { option: true }],
  page: async ({ page, language, theme, viewer }, run) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) problems.push(message.text());
    });
    await page.addInitScript(
      (preferences) => {
        if (!localStorage.getItem("rapport-preferences"))
          localStorage.setItem("rapport-preferences", JSON.stringify(preferences));
      },
      { language, theme, viewer },
    );
    await run(page);
    expect(problems, "nothing goes wrong unseen").toEqual([]);
  },
});

/** What the API answers, from the same server. */
export async function api<T>(request: APIRequestContext, path: string): Promise<T> {
  const response = await request.get(`/api/v1/${path}`);
  expect(response.ok(), `${path}: ${response.status()}`).toBe(true);
  return (await response.json()) as T;
}

/** No serious or critical violation of the rules of accessibility. */
export async function expectAccessible(page: Page): Promise<void> {
  // What moves in is judged once it stands still.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  // Fluent UI's keyboard navigation keeps empty elements that pass the focus on at once; nobody can stay on one.
  const { violations } = await new AxeBuilder({ page }).exclude("[data-tabster-dummy]").analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ""}`).join(" | ")}`,
  );
  expect(told).toEqual([]);
}

export { expect };
