import { expect, test } from "vitest";
import { localInput, momentOf } from "./localTime.ts";

test("local times of the organization lead back to their moment, in winter and in summer", () => {
  for (const moment of ["2026-01-15T08:30:00.000Z", "2026-07-15T22:45:00.000Z", "2026-03-29T01:30:00.000Z"]) {
    expect(momentOf(localInput(moment, "Europe/Amsterdam"), "Europe/Amsterdam")).toBe(moment);
  }
  expect(localInput("2026-03-01T23:30:00Z", "Europe/Amsterdam")).toBe("2026-03-02T00:30");
});
