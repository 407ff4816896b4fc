import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { FormsPage } from "./FormsPage.tsx";
import { IntroductionsPage } from "./IntroductionsPage.tsx";
import { LicencesPage } from "./LicencesPage.tsx";
import { PrivacyRequestsPage } from "./PrivacyRequestsPage.tsx";

const EXPORT = {
  id: 1,
  kind: "export",
  state: "COMPLETED",
  address: "jo@acme.example",
  keeps_objection: false,
  asked_by: "wouter@us.example",
  asked_at: "2026-11-24T09:00:00Z",
  ended_at: "2026-11-24T09:00:01Z",
  outcome: "1 records, 4 interactions",
};

test("erasing needs to be meant; an export can be fetched", async () => {
  const requests = fakeApi({
    "GET /api/v1/privacy-requests": () => ({ items: [EXPORT] }),
    "POST /api/v1/privacy-requests": () => ({ ...EXPORT, id: 2, kind: "erase", state: "PROCESSING" }),
    "GET /api/v1/looks": () => ({
      items: [
        {
          about: "ann@us.example",
          about_name: "Ann Vos",
          day: "2026-11-24",
          viewer: null,
          viewer_name: null,
          what: "who_knows",
          times: 3,
          last_at: "2026-11-24T09:00:00Z",
        },
      ],
    }),
  });
  renderPage(<PrivacyRequestsPage />);
  const file = await screen.findByRole("link", { name: "The file (for seven days)" });
  expect(file.getAttribute("href")).toBe("/api/v1/privacy-requests/1/file");
  const row = within(await screen.findByRole("row", { name: /Ann Vos/ }));
  expect(row.getByText("Local administrator")).toBeTruthy();
  await userEvent.click(screen.getByRole("radio", { name: "Erase a person" }));
  await userEvent.type(screen.getByRole("textbox", { name: /Address of the person/ }), "kim@acme.example");
  const erase = screen.getByRole("button", { name: "Erase" });
  expect(erase.hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("checkbox", { name: /cannot be undone/ }));
  await userEvent.click(erase);
  await waitFor(() =>
    expect(requests.find(({ method }) => method === "POST")?.body).toEqual({
      kind: "erase",
      address: "kim@acme.example",
      keeps_objection: true,
    }),
  );
});

test("requests to me are answered, mine are withdrawn", async () => {
  const request = {
    id: 4,
    is_asked_of_me: true,
    colleague: "bo@us.example",
    colleague_name: "Bo Bakker",
    target: "pim@acme.example",
    target_name: "Pim Timmermans",
    message: "Please",
    state: "requested",
    asked_at: "2026-11-24T09:00:00Z",
    answered_at: null,
  };
  const requests = fakeApi({
    "GET /api/v1/me": () => ({ is_local_administrator: false }),
    "GET /api/v1/introductions": () => ({
      items: [request, { ...request, id: 5, is_asked_of_me: false, colleague: null, colleague_name: null }],
    }),
    "PUT /api/v1/introductions/4": () => ({ ...request, state: "accepted" }),
  });
  renderPage(<IntroductionsPage />);
  expect(await screen.findByText("Bo Bakker wants to meet Pim Timmermans")).toBeTruthy();
  expect(screen.getByText("Pim Timmermans, by A colleague")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Withdraw" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Accept" }));
  await waitFor(() => expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ answer: "accept" }));
});

test("licences and forms are compared and listed", async () => {
  fakeApi({
    "GET /api/v1/forms": () => ({
      items: [
        {
          id: null,
          application: "Rapport",
          table: "contacts",
          tab: "Relationship Analytics",
          widgets: ["who_knows_whom"],
          clients: ["web"],
          last_seen: null,
        },
      ],
    }),
  });
  renderPage(<FormsPage />);
  expect(await screen.findByText("Our own")).toBeTruthy();
  renderPage(<LicencesPage />);
  const row = within(screen.getByRole("row", { name: /Response times/ }));
  expect(row.getAllByLabelText("Not included")).toHaveLength(2);
  expect(row.getAllByLabelText("Included")).toHaveLength(1);
});
