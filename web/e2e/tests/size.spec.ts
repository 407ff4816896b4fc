import { gzipSync } from "node:zlib";
import { expect, test } from "../support.ts";

/** Compressed JavaScript that the first page may cost. */
const LIMIT_BYTES = 300_000;

for (const path of ["/", "/contacts", "/opportunities", "/contacts/CON-0224", "/who-knows"]) {
  test(`${path} costs less than 300 kB of JavaScript, in either encoding`, async ({ page, request }) => {
    const scripts = new Set<string>();
    page.on("response", (response) => {
      if (response.url().endsWith(".js")) scripts.add(response.url());
    });
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    let [br, gzip] = [0, 0];
    for (const url of scripts) {
      const answer = await request.get(url, { headers: { "accept-encoding": "br" } });
      // The smallest ones are sent as they are; gzip is made while sending, so its length is not told.
      br += Number(answer.headers()["content-length"] ?? Number.NaN);
      gzip += gzipSync(await answer.body()).length;
    }
    console.log(`${path}: ${scripts.size} files, ${Math.round(br / 1000)} kB br, ${Math.round(gzip / 1000)} kB gzip`);
    expect(scripts.size).toBeGreaterThan(1);
    expect(Math.max(br, gzip)).toBeLessThan(LIMIT_BYTES);
  });
}
