import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { ANSWERS, similarDeals, someInsights } from "../fixtures.ts";
import { ResponseTimeWidget } from "./ResponseTimeWidget.tsx";

test("median first, then mean, p90, answered, waiting, and the rate within the hours that are set", async () => {
  fakeApi(ANSWERS);
  renderPage(<ResponseTimeWidget insights={someInsights()} similar={undefined} asOf={null} side="us" />);
  const widget = within(screen.getByRole("region", { name: "Your response time" }));
  expect(widget.getByText("24.93 h")).toBeTruthy();
  expect((await widget.findByText("Answered within 2 days")).nextSibling?.textContent).toBe("42%");
  for (const [term, figure] of [
    ["Mean", "32.11 h"],
    ["90 % within", "68.92 h"],
    ["Median with those waiting", "71.50 h"],
    ["Median in business hours", "7.25 h"],
    ["Answered", "13"],
    ["Waiting", "18"],
  ] as const) {
    expect(widget.getByText(term).nextSibling?.textContent).toBe(figure);
  }
});

test("what waits is told where nothing was answered, and nothing is zero", () => {
  fakeApi(ANSWERS);
  renderPage(<ResponseTimeWidget insights={someInsights()} similar={undefined} asOf={null} side="them" />);
  expect(screen.getByText("nothing has been answered yet")).toBeTruthy();
  expect(screen.getByText("Waiting").nextSibling?.textContent).toBe("4");
  expect(screen.getByText("Mean").nextSibling?.textContent).toBe("---");
});

test.each([
  ["en", "Estimated from when emails came and from whom: 3.13 h (12 pairs, 25% by chance)"],
  ["nl", "Geschat uit wanneer e-mails kwamen en van wie: 3,13 u (12 paren, 25% door toeval)"],
] as const)("an estimate is told as one, in %s", (language, words) => {
  fakeApi(ANSWERS);
  const { kpis } = someInsights();
  const time = kpis.response_time_by_us_h;
  if (!time) throw new Error("the fixture has a response time");
  const estimated = { p50: 3.125, n: 12, chance_share: 0.25, placebo_p50: 80 };
  const insights = someInsights({ kpis: { ...kpis, response_time_by_us_h: { ...time, estimated } } });
  renderPage(<ResponseTimeWidget insights={insights} similar={undefined} asOf={null} side="us" />, { language });
  expect(screen.getByText((_, element) => element?.tagName === "P" && element.textContent === words)).toBeTruthy();
});

test("similar won deals stand beside it", () => {
  fakeApi(ANSWERS);
  const similar = similarDeals({ comparison: { response_time_by_us_h: { value: 24.93, average: 12, n: 2 } } });
  renderPage(<ResponseTimeWidget insights={someInsights()} similar={similar} asOf={null} side="us" />);
  expect(screen.getByText("Similar won deals: 12.00 h")).toBeTruthy();
});

test.each([
  ["no_mailbox_data", "Onbekend zonder postvakgegevens"],
  ["not_enough_data", "Nog onvoldoende gegevens"],
  ["not_permitted", "Wordt u niet getoond"],
])("says %s in words", (reason, words) => {
  fakeApi(ANSWERS);
  const { kpis } = someInsights();
  const insights = someInsights({
    kpis: { ...kpis, response_time_by_us_h: null },
    unavailable: { response_time_by_us_h: reason },
  });
  renderPage(<ResponseTimeWidget insights={insights} similar={undefined} asOf={null} side="us" />, { language: "nl" });
  expect(screen.getByText(words)).toBeTruthy();
});
