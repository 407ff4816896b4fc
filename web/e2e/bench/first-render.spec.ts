import { expect, test, type Browser } from "@playwright/test";

const RUNS = 15;

/** Each page, and what stands on it once it is rendered with its figures. */
const PAGES = [
  ["list of contacts", "/contacts?view=all", "[data-row='0'] a"],
  ["list of contacts by health", "/contacts?view=all&sort=health_score&order=desc", "[data-row='0'] a"],
  ["list of opportunities with the pipeline", "/opportunities?view=all&chart=true", "[data-row='0'] a"],
  ["record: relationship analytics", "/contacts/c5000?tab=analytics", "[data-figure]"],
  ["dashboard", "/", "[data-figure]:not([data-value=''])"],
] as const;

declare global {
  interface Window {
    renderedMs?: number;
  }
}

/** Milliseconds from the navigation until an element is there, in a browser that has never been here. */
async function rendered(browser: Browser, baseURL: string, path: string, selector: string): Promise<number> {
  const context = await browser.newContext({ baseURL });
  const page = await context.newPage();
  await page.addInitScript((wanted) => {
    const look = () => {
      if (document.querySelector(wanted)) {
        // The frame in which it is painted.
        requestAnimationFrame(() => (window.renderedMs ??= performance.now()));
        observer.disconnect();
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, attributes: true });
  }, selector);
  await page.goto(path);
  await page.waitForFunction(() => window.renderedMs !== undefined);
  const ms = (await page.evaluate(() => window.renderedMs)) ?? Number.NaN;
  await context.close();
  return ms;
}

for (const [name, path, selector] of PAGES) {
  test(name, async ({ browser, baseURL }) => {
    const first = await rendered(browser, baseURL ?? "", path, selector);
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await rendered(browser, baseURL ?? "", path, selector));
    times.sort((a, b) => a - b);
    const median = times[Math.floor(RUNS / 2)] ?? Number.NaN;
    expect(median).toBeGreaterThan(0);
    const shown = [first, median, times.at(-1) ?? Number.NaN].map((ms) => `${Math.round(ms)} ms`);
    console.log(`${name}: first after the server's start ${shown[0]}, median of ${RUNS} ${shown[1]}, slowest ${shown[2]}`);
  });
}
