import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Evaluation } from "@/api/evaluation.ts";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { meOf } from "../me.fixture.ts";
import { CALIBRATED, evaluationOf, NOTHING_CAPTURED, REPORT, TOO_FEW } from "./evaluation.fixture.ts";
import { EvaluationPage } from "./EvaluationPage.tsx";

const LANGUAGES = ["en", "nl"] as const;

function answers(evaluation: Evaluation) {
  return { ...meOf("customize"), "GET /api/v1/evaluation": () => evaluation };
}

/** The words of a part of the page, without what lies between them. */
async function wordsOf(name: string) {
  return within(await screen.findByRole("region", { name }));
}

const NEVER = {
  en: { title: "Nothing has been evaluated yet", start: "Evaluate now", horizon: "How far to look ahead", days: "60 days" },
  nl: { title: "Er is nog niets geëvalueerd", start: "Nu evalueren", horizon: "Hoe ver vooruit kijken", days: "60 dagen" },
};

test.each(LANGUAGES)(
  "never evaluated, it says what it does, and starts looking as far ahead as chosen (%s)",
  async (language) => {
    const words = NEVER[language];
    const requests = fakeApi({
      ...answers(evaluationOf()),
      "POST /api/v1/evaluation": () => evaluationOf({ state: "running" }),
    });
    renderPage(<EvaluationPage />, { language });
    expect(await screen.findByText(words.title)).toBeTruthy();
    await userEvent.selectOptions(screen.getByRole("combobox", { name: words.horizon }), words.days);
    await userEvent.click(screen.getByRole("button", { name: words.start }));
    expect(await screen.findByText({ en: /^The past is being/, nl: /^Het verleden wordt/ }[language])).toBeTruthy();
    const sent = requests.filter(({ method }) => method === "POST").map(({ path, body }) => [path, body]);
    expect(sent).toEqual([["/api/v1/evaluation", { horizon_days: 60 }]]);
  },
);

test("while it runs it is asked for again, and nobody starts another; then the result is there", async () => {
  let asked = 0;
  fakeApi({
    ...meOf("configure"),
    "GET /api/v1/evaluation": () =>
      asked++ === 0 ? evaluationOf({ state: "running" }) : evaluationOf({ state: "ready", report: REPORT }),
  });
  renderPage(<EvaluationPage />);
  const start = await screen.findByRole("button", { name: "Evaluate again" });
  expect(start).toHaveProperty("disabled", true);
  expect(screen.getByText(/^The past is being evaluated/)).toBeTruthy();
  expect(await screen.findByRole("heading", { name: "In plain words" })).toBeTruthy();
  expect(start).toHaveProperty("disabled", false);
  expect(screen.queryByText(/^The past is being evaluated/)).toBeNull();
});

test.each(LANGUAGES)("a failure says why and can be tried again (%s)", async (language) => {
  const requests = fakeApi({
    ...answers(evaluationOf({ state: "failed", problem: "the ledger is being moved" })),
    "POST /api/v1/evaluation": () => evaluationOf({ state: "running" }),
  });
  renderPage(<EvaluationPage />, { language });
  expect(await screen.findByText(/the ledger is being moved/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: { en: "Try again", nl: "Opnieuw proberen" }[language] }));
  expect(await screen.findByText({ en: /^The past is being/, nl: /^Het verleden wordt/ }[language])).toBeTruthy();
  expect(requests.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([{ horizon_days: 30 }]);
});

test.each(LANGUAGES)("nothing captured is said instead of figures (%s)", async (language) => {
  fakeApi(answers(evaluationOf({ state: "ready", report: NOTHING_CAPTURED })));
  renderPage(<EvaluationPage />, { language });
  expect(await screen.findByText({ en: "Nothing was captured yet", nl: "Er is nog niets vastgelegd" }[language])).toBeTruthy();
  expect(screen.queryByRole("region", { name: { en: "In plain words", nl: "In gewone woorden" }[language] })).toBeNull();
});

test.each(LANGUAGES)("too few pairs are said with their number, and every part says why it is empty (%s)", async (language) => {
  fakeApi(answers(evaluationOf({ state: "ready", report: TOO_FEW })));
  renderPage(<EvaluationPage />, { language });
  const few = {
    en: /There are 7 cases of a colleague and a person, and 5/,
    nl: /Er zijn 7 gevallen van een collega en een persoon, en 5/,
  };
  expect(await screen.findByText(few[language])).toBeTruthy();
  const people = {
    en: "There are too few cases to judge by.",
    nl: "Er zijn te weinig gevallen om over te oordelen.",
  };
  expect(screen.getByText(people[language])).toBeTruthy();
  expect(screen.getByText({ en: /^Too few opportunities/, nl: /^Er zijn te weinig verkoopkansen/ }[language])).toBeTruthy();
  expect(screen.getByText({ en: /^Nothing was found/, nl: /^Er is niets gevonden/ }[language])).toBeTruthy();
});

const SENTENCES = {
  en: [
    "Of relationships graded poor, 18% (81 of 450) were in touch within the next 30 days; fair: 52% (156 of 300); good: 83% (415 of 500).",
    "Of connections graded medium, 60% (60 of 100) were in touch within the next 30 days; strong: 90% (90 of 100).",
    "Colleagues ranked first were the right introducer in 71% of cases (480 people).",
    "The likelihood separates relationships that stay from those that fade with an AUC of 0.83 (0.5 is chance; 1,250 cases); counting days since the last contact reaches 0.80.",
  ],
  nl: [
    "Van de relaties die als zwak waren beoordeeld, had 18% (81 van 450) contact in de 30 dagen erna; redelijk: 52% (156 van 300); goed: 83% (415 van 500).",
    "Van de banden die als gemiddeld waren beoordeeld, had 60% (60 van 100) contact in de 30 dagen erna; sterk: 90% (90 van 100).",
    "De collega die bovenaan stond, was in 71% van de gevallen de juiste om te introduceren (480 mensen).",
    "De waarschijnlijkheid onderscheidt relaties die blijven van relaties die vervagen met een AUC van 0,83 (0,5 is toeval; 1.250 gevallen); wie dagen sinds het laatste contact telt, haalt 0,80.",
  ],
};

test.each(LANGUAGES)("ready, it first says in plain words what was found (%s)", async (language) => {
  fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
  renderPage(<EvaluationPage />, { language });
  const region = await wordsOf({ en: "In plain words", nl: "In gewone woorden" }[language]);
  expect(region.getAllByRole("listitem").map((item) => item.textContent)).toEqual(SENTENCES[language]);
});

test("drawings have tables with the same figures", async () => {
  fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
  renderPage(<EvaluationPage />);
  const plots = await wordsOf("What was said and what happened");
  const [reliability] = plots.getAllByRole("table", { name: "A person and all of us" });
  expect(within(reliability ?? document.body).getByRole("row", { name: "20% – 60% 300 42% 39%" })).toBeTruthy();
  const grades = plots.getByRole("table", { name: /^Relationships of a person/ });
  expect(within(grades).getByRole("row", { name: "good 500 415 83% 81% – 85% 50% of 40" })).toBeTruthy();
});

test.each(LANGUAGES)("at another horizon the likelihood is no probability, and that is said (%s)", async (language) => {
  const bare = { ...REPORT.records, reliability: [] };
  fakeApi(answers(evaluationOf({ state: "ready", report: { ...REPORT, horizon_days: 60, pairs: bare, records: bare } })));
  renderPage(<EvaluationPage />, { language });
  const why = { en: /^The likelihood is about the next 30 days/, nl: /^De waarschijnlijkheid gaat over de komende 30 dagen/ };
  expect(await screen.findAllByText(why[language])).toHaveLength(2);
});

test("the best of each column is bold and named, equals alike; baselines are marked", async () => {
  fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
  renderPage(<EvaluationPage />);
  const survival = await wordsOf("Who stays in touch: our measures and baselines");
  const table = within(survival.getByRole("table", { name: "A colleague and a person" }));
  expect(table.getByRole("row", { name: /^Likelihood 0.832 ?best ?0.812 – 0.852 .*0.168 ?best/ })).toBeTruthy();
  expect(table.getByRole("row", { name: /^Calibrated likelihood 0.830 ?0.810 – 0.850/ })).toBeTruthy();
  expect(table.getByRole("row", { name: /^Health score 0.811 ?0.791 – 0.831 .*--- ---$/ })).toBeTruthy();
  expect(table.getByRole("row", { name: /^Days since the last contact ?baseline 0.800/ })).toBeTruthy();
  const bold = document.querySelectorAll(".best");
  expect([...bold].map((figure) => figure.getAttribute("data-figure")).filter((path) => path?.startsWith("who"))).toEqual([
    "who_knows_whom.strength.mrr",
    "who_knows_whom.strength.ndcg_5",
    "who_knows_whom.strength.hit_1",
    "who_knows_whom.messages.hit_1",
  ]);
});

test("opportunities are told by the days before their close, or why not", async () => {
  fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
  renderPage(<EvaluationPage />);
  const deals = await wordsOf("Opportunities: won and lost");
  expect(deals.getByRole("row", { name: /^30 days 40 35 0.700 ?0.680 – 0.720 25 of 30 --- --- 2 of 5$/ })).toBeTruthy();
  expect(deals.getByRole("row", { name: "90 days 4 3 Too few opportunities were closed to judge by." })).toBeTruthy();
});

const TRAPS = {
  en: [
    "Capture had a hole. 2 Mar 2026 – 8 Mar 2026. Silence there says nothing about relationships.",
    "A hole in the days ahead. moment 20 Feb 2026. That moment is left out: half of the days ahead was not captured.",
    "Colleagues left. moment 6 Jun 2026, 3 colleagues. Their pairs are left out: with them they end, whatever the score said.",
    "Too few pairs. 120 pairs. The figures are not firm.",
    "Only a sample was taken. 25% of the people. There are many; they stand for all.",
    "Note: a mailbox runs ahead of time",
  ],
  nl: [
    "In het vastleggen zat een gat. 2 mrt 2026 – 8 mrt 2026. Stilte zegt daar niets over relaties.",
    "Een gat in de dagen erna. moment 20 feb 2026. Dat moment telt niet mee: de helft van de dagen erna is niet vastgelegd.",
    "Er zijn collega’s vertrokken. moment 6 jun 2026, 3 collega’s. Hun paren tellen niet mee: die eindigen met hen, wat de score ook zei.",
    "Te weinig paren. 120 paren. De cijfers staan niet vast.",
    "Er is alleen een steekproef genomen. 25% van de mensen. Het zijn er veel; zij staan voor allen.",
    "Let op: a mailbox runs ahead of time",
  ],
};

test.each(LANGUAGES)(
  "traps are said with when and how much; one that is new here in the server's words (%s)",
  async (language) => {
    fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
    renderPage(<EvaluationPage />, { language });
    const traps = await wordsOf({ en: "Traps", nl: "Valkuilen" }[language]);
    expect(traps.getAllByRole("listitem").map((item) => item.textContent)).toEqual(TRAPS[language]);
  },
);

test.each(LANGUAGES)("pooled coefficients become one's own once enough pairs are found (%s)", async (language) => {
  let calibration = evaluationOf().calibration;
  const requests = fakeApi({
    ...meOf("customize"),
    "GET /api/v1/evaluation": () => evaluationOf({ calibration }),
    "POST /api/v1/evaluation/calibration": () => (calibration = CALIBRATED),
  });
  renderPage(<EvaluationPage />, { language });
  const card = await wordsOf({ en: "Calibration of the likelihood", nl: "Kalibratie van de waarschijnlijkheid" }[language]);
  expect(card.getByText({ en: "Pooled", nl: "Gemeenschappelijk" }[language], { selector: "span" })).toBeTruthy();
  expect(card.getByText({ en: /640 of 1,000 needed/, nl: /640 van de 1.000 die nodig/ }[language])).toBeTruthy();
  await userEvent.click(card.getByRole("button", { name: { en: "Calibrate now", nl: "Nu kalibreren" }[language] }));
  expect(
    await card.findByText({ en: /^Calibrated since 22 Nov 2026/, nl: /^Gekalibreerd sinds 22 nov 2026/ }[language]),
  ).toBeTruthy();
  expect(card.getByRole("row", { name: { en: "Brier 0.172 0.161", nl: "Brier 0,172 0,161" }[language] })).toBeTruthy();
  expect(
    card.getByText(
      {
        en: "1,240 labelled pairs were found; version 4 is in use.",
        nl: "1.240 gelabelde paren gevonden; versie 4 is in gebruik.",
      }[language],
    ),
  ).toBeTruthy();
  expect(requests.find(({ method }) => method === "POST")?.path).toBe("/api/v1/evaluation/calibration");
});

test.each(LANGUAGES)("what the words mean can be unfolded (%s)", async (language) => {
  fakeApi(answers(evaluationOf({ state: "ready", report: REPORT })));
  renderPage(<EvaluationPage />, { language });
  const summary = await screen.findByText({ en: "What do these mean?", nl: "Wat betekenen deze woorden?" }[language]);
  const terms = [...(summary.parentElement?.querySelectorAll("dt") ?? [])].map((term) => term.textContent);
  expect(terms).toHaveLength(20);
  expect(summary.parentElement?.textContent).not.toContain("evaluation-");
  expect(summary.parentElement?.textContent).toContain("BG/NBD");
});

test.each(LANGUAGES)("whoever may not see it is refused as usual (%s)", async (language) => {
  fakeApi({ ...meOf("privacy"), "GET /api/v1/evaluation": () => new FakeProblem(403, "only a customizer", "refused") });
  renderPage(<EvaluationPage />, { language });
  const refused = { en: "You have no permission to see this", nl: "U mag dit niet zien" };
  expect(await screen.findByText(refused[language])).toBeTruthy();
});

test("whoever may only read it starts nothing", async () => {
  fakeApi({ ...answers(evaluationOf({ state: "ready", report: REPORT })), ...meOf("privacy") });
  renderPage(<EvaluationPage />);
  expect(await screen.findByText("Only a customizer or administrator can change this.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Evaluate again" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Calibrate now" })).toBeNull();
});

test("a refusal to start is said", async () => {
  fakeApi({
    ...answers(evaluationOf()),
    "POST /api/v1/evaluation": () => new FakeProblem(409, "another evaluation runs", "conflict"),
  });
  renderPage(<EvaluationPage />);
  await userEvent.click(await screen.findByRole("button", { name: "Evaluate now" }));
  expect(await screen.findByText(/another evaluation runs/)).toBeTruthy();
});
