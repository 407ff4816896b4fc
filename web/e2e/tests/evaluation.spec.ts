import { api, expect, expectAccessible, test } from "../support.ts";

/** An unoptimized binary goes back over two years of the demo organization. */
const EVALUATION_MS = 120_000;

/** What an administrator reads on the way, in both languages. */
const WORDS = {
  en: {
    health: "Analytics and health",
    title: "Does the score mean anything?",
    start: /^Evaluate (now|again)$/,
    horizon: "How far to look ahead",
    running: /^The past is being evaluated/,
    words: "In plain words",
    records: /^Of relationships graded \w+, \d+% \([\d,]+ of [\d,]+\) were in touch within the next 30 days/,
    likelihood: /^The likelihood separates relationships .* AUC of 0\.\d\d/,
    measures: "Who stays in touch: our measures and baselines",
    pairs: "A colleague and a person",
    ranking: "Who knows whom: the right introducer",
    strength: /^Strength of the connection/,
    days: /^Days since the last contact ?baseline/,
    deals: "Opportunities: won and lost",
    traps: "Traps",
    calibration: "Calibration of the likelihood",
    calibrate: "Calibrate now",
    about: "What do these mean?",
    aboutAuc: /^The chance that of two relationships/,
    showTable: "Show as table",
  },
  nl: {
    health: "Analyse en gezondheid",
    title: "Zegt de score iets?",
    start: /^(Nu|Opnieuw) evalueren$/,
    horizon: "Hoe ver vooruit kijken",
    running: /^Het verleden wordt geëvalueerd/,
    words: "In gewone woorden",
    records: /^Van de relaties die als \w+ waren beoordeeld, had \d+% \([\d.]+ van [\d.]+\) contact in de 30 dagen erna/,
    likelihood: /^De waarschijnlijkheid onderscheidt relaties .* AUC van 0,\d\d/,
    measures: "Wie contact houdt: onze maten en referenties",
    pairs: "Een collega en een persoon",
    ranking: "Wie kent wie: de juiste om te introduceren",
    strength: /^Sterkte van de band/,
    days: /^Dagen sinds het laatste contact ?referentie/,
    deals: "Verkoopkansen: gewonnen en verloren",
    traps: "Valkuilen",
    calibration: "Kalibratie van de waarschijnlijkheid",
    calibrate: "Nu kalibreren",
    about: "Wat betekenen deze woorden?",
    aboutAuc: /^De kans dat van twee relaties/,
    showTable: "Als tabel tonen",
  },
} as const;

interface Report {
  pairs: { measures: { name: string; roc_auc: { value: number } }[] };
}

for (const [language, theme] of [
  ["en", "light"],
  ["nl", "dark"],
] as const) {
  test.describe(`${language}, ${theme}`, () => {
    test.use({ language, theme, viewer: null });

    test("an administrator evaluates and reads what was found", async ({ page, request }) => {
      test.setTimeout(EVALUATION_MS * 2);
      const words = WORDS[language];
      await page.goto("/settings/health");
      await page.getByRole("main").getByRole("link", { name: words.title }).click();
      await expect(page).toHaveURL(/\/settings\/evaluation$/);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.title);
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await expectAccessible(page);

      await page.getByRole("combobox", { name: words.horizon }).selectOption("30");
      const isStarted = page.waitForResponse((response) => response.request().method() === "POST");
      await page.getByRole("button", { name: words.start }).click();
      expect((await isStarted).status()).toBe(202);
      // The report of an earlier evaluation stays in sight while another runs, so the button says when it is over.
      await expect(page.getByRole("button", { name: words.start })).toBeEnabled({ timeout: EVALUATION_MS });
      await expect(page.getByText(words.running)).toHaveCount(0);

      const plain = page.getByRole("region", { name: words.words });
      await expect(plain.getByText(words.records)).toBeVisible();
      await expect(plain.getByText(words.likelihood)).toBeVisible();
      const survival = page.getByRole("region", { name: words.measures });
      const pairs = survival.getByRole("table", { name: words.pairs });
      await expect(pairs.getByRole("row", { name: words.days })).toBeVisible();
      const { report } = await api<{ report: Report }>(request, "evaluation");
      const auc = report.pairs.measures.find(({ name }) => name === "likelihood_30d")?.roc_auc.value;
      await expect(pairs.locator('[data-figure="pairs.likelihood_30d.roc_auc"]')).toHaveAttribute("data-value", String(auc));
      const ranking = page.getByRole("region", { name: words.ranking });
      await expect(ranking.getByRole("row", { name: words.strength })).toBeVisible();
      for (const name of [words.deals, words.traps]) await expect(page.getByRole("region", { name })).toBeVisible();
      const calibration = page.getByRole("region", { name: words.calibration });
      await expect(calibration.getByRole("button", { name: words.calibrate })).toBeEnabled();

      await page.getByText(words.about).click();
      await expect(page.getByText(words.aboutAuc)).toBeVisible();
      await page.getByRole("button", { name: words.showTable }).first().click();
      await expectAccessible(page);
    });

    test("on a phone nothing is wider than the screen", async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto("/settings/evaluation");
      await expect(page.getByRole("region", { name: WORDS[language].calibration })).toBeVisible();
      expect(await page.evaluate(() => document.querySelector("main")?.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });
}
