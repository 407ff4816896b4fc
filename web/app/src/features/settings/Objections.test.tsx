import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { FakeProblem, fakeApi } from "@/testing/fakeApi.ts";
import { renderPage } from "@/testing/render.tsx";
import { Objections } from "./Objections.tsx";

test("an address is asked for, never listed; an objection is kept and lifted", async () => {
  const kept = new Set<string>();
  const objection = (objects: boolean, hasChanged: boolean) => ({ objects, has_changed: hasChanged });
  fakeApi({
    "GET /api/v1/objections": () => ({ addresses: kept.size }),
    "POST /api/v1/objections/check": ({ body }) => objection(kept.has((body as { address: string }).address), false),
    "PUT /api/v1/objections": ({ body }) => {
      const { address, objects } = body as { address: string; objects: boolean };
      const hasChanged = kept.has(address) !== objects;
      if (objects) kept.add(address);
      else kept.delete(address);
      return objection(objects, hasChanged);
    },
  });
  renderPage(<Objections />);
  expect(await screen.findByText("No objection is kept.")).toBeTruthy();
  const says = (text: string) => waitFor(() => expect(screen.getByRole("status").textContent).toBe(text));
  await userEvent.type(screen.getByRole("textbox", { name: /Address of whoever objects/ }), "jo@acme.example");
  await userEvent.click(screen.getByRole("button", { name: "Check" }));
  await says("No objection of jo@acme.example is kept.");
  await userEvent.click(screen.getByRole("button", { name: "Keep an objection" }));
  await says("The objection of jo@acme.example is kept now.");
  expect(await screen.findByText("One address is kept.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Check" }));
  await says("jo@acme.example objects.");
  await userEvent.click(screen.getByRole("button", { name: "Lift the objection" }));
  await says("The objection of jo@acme.example is lifted: imports capture them again.");
});

test("an address of ours is refused in words", async () => {
  fakeApi({
    "GET /api/v1/objections": () => ({ addresses: 2 }),
    "PUT /api/v1/objections": () => new FakeProblem(403, "`ann@us.example` is ours"),
  });
  renderPage(<Objections />);
  expect(await screen.findByText("2 addresses are kept.")).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: /Address of whoever objects/ }), "ann@us.example");
  await userEvent.click(screen.getByRole("button", { name: "Keep an objection" }));
  expect(await screen.findByText(/is ours/)).toBeTruthy();
});
