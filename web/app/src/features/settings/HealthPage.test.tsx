import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { enablingOf } from "./enabling.fixture.ts";
import { HealthPage } from "./HealthPage.tsx";
import { meOf } from "./me.fixture.ts";

const VALUES = {
  "health.frequency_days": "7",
  "health.model": "v2",
  "health.influence.email": "0",
  "health.influence.meeting": "50",
  "health.influence.phone_call": "0",
  "health.influence.task": "-20",
  "health.grade.good": "60",
  "health.grade.fair": "40",
  "similar_deals.enabled": "true",
};

/** Two contacts each with 30, 50 and 70, one without a score. */
const SCORES = Array.from({ length: 101 }, (_, score) => ([30, 50, 70].includes(score) ? 2 : 0));

function answers(won = 31) {
  const values: Record<string, string> = { ...VALUES };
  return {
    ...meOf("customize"),
    "GET /api/v1/enabling": () => enablingOf({ mailbox: { is_used: false }, consent: { state: "revoked" } }),
    "GET /api/v1/settings": () => ({
      items: Object.entries(values).map(([key, value]) => ({ key, value, default: value, accepts: "", about: "" })),
    }),
    "GET /api/v1/health-distribution": () => ({
      as_of: "2026-11-24T12:00:00Z",
      tables: [{ table: "contacts", with_score: SCORES, without_score: 1 }],
      won,
      lost: 40,
      closed_needed: 30,
    }),
    ...Object.fromEntries(
      Object.keys(VALUES).map((key) => [
        `PUT /api/v1/settings/${key}`,
        ({ body }: { body: unknown }) => {
          values[key] = (body as { value: string }).value;
          return { items: [] };
        },
      ]),
    ),
  };
}

async function slider(name: RegExp, value: number) {
  fireEvent.change(await screen.findByRole("slider", { name }), { target: { value: String(value) } });
}

function shares() {
  const row = within(screen.getByRole("row", { name: /^Contacts/ }));
  return row.getAllByRole("cell").map((cell) => cell.textContent);
}

test("the estimate follows the sliders before anything is saved, and a neighbour gives way", async () => {
  const requests = fakeApi(answers());
  renderPage(<HealthPage />);
  await screen.findByRole("row", { name: /^Contacts/ });
  expect(shares().slice(0, 4)).toEqual(["2 33%", "2 33%", "2 33%", "1"]);
  await slider(/^Good from 60/, 35);
  expect(screen.getByRole("slider", { name: "Fair from 34; below that poor" })).toBeTruthy();
  expect(shares().slice(0, 4)).toEqual(["4 67%", "0 0%", "2 33%", "1"]);
  expect(requests.some(({ method }) => method === "PUT")).toBe(false);
});

test("saves what changed, in an order that the server can follow, and nothing else", async () => {
  const requests = fakeApi(answers());
  renderPage(<HealthPage />);
  await slider(/^Good from/, 80);
  await slider(/^Fair from/, 70);
  await userEvent.click(screen.getByRole("radio", { name: "Once a day" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved")).toBeTruthy();
  const sent = requests.filter(({ method }) => method === "PUT").map(({ path, body }) => [path.split("/").at(-1), body]);
  expect(sent).toEqual([
    ["health.frequency_days", { value: "1" }],
    ["health.grade.good", { value: "80" }],
    ["health.grade.fair", { value: "70" }],
  ]);
  expect(screen.getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
});

test("an administrator can stay on the first model", async () => {
  const requests = fakeApi(answers());
  renderPage(<HealthPage />);
  const newest = await screen.findByRole("radio", { name: "Model v2, the newest" });
  expect(newest).toHaveProperty("checked", true);
  await userEvent.click(screen.getByRole("radio", { name: "Model v1" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved")).toBeTruthy();
  const sent = requests.filter(({ method }) => method === "PUT").map(({ path, body }) => [path.split("/").at(-1), body]);
  expect(sent).toEqual([["health.model", { value: "v1" }]]);
});

test("what was moved can be discarded", async () => {
  fakeApi(answers());
  renderPage(<HealthPage />);
  await slider(/^Meetings: 50/, -10);
  expect(screen.getByText("One setting is changed, not yet saved")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(screen.getByRole("slider", { name: /^Meetings: 50/ })).toBeTruthy();
});

test("each influence says what its ends and its middle mean", async () => {
  fakeApi(answers());
  renderPage(<HealthPage />);
  const emails = await screen.findByRole("slider", { name: /^Emails/ });
  const described = document.getElementById(emails.getAttribute("aria-describedby") ?? "");
  expect(described?.textContent).toBe("LowNeutralHigh");
});

test("similar deals say what they need", async () => {
  fakeApi(answers(12));
  renderPage(<HealthPage />, { language: "nl" });
  expect(await screen.findByText(/Er zijn 30 gewonnen en 30 verloren verkoopkansen nodig; er zijn er 12 en 40/)).toBeTruthy();
});

test("a refusal is said and keeps what was moved", async () => {
  fakeApi({ ...answers(), "PUT /api/v1/settings/health.influence.email": () => new FakeProblem(422, "out of range") });
  renderPage(<HealthPage />);
  await slider(/^Emails/, 20);
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("out of range")).toBeTruthy();
  await waitFor(() => expect(screen.getByRole("slider", { name: /^Emails: 20/ })).toBeTruthy());
});

test("whoever may not set it reads it, and which data it rests on", async () => {
  const requests = fakeApi({ ...answers(), ...meOf("privacy") });
  renderPage(<HealthPage />);
  expect(await screen.findByText("Only a customizer or administrator can change this.")).toBeTruthy();
  for (const control of [...screen.getAllByRole("slider"), ...screen.getAllByRole("switch")])
    expect(control.hasAttribute("disabled")).toBe(true);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  expect(requests.some(({ path }) => path.endsWith("health-distribution"))).toBe(false);
});
