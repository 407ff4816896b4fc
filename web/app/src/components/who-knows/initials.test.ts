import { expect, test } from "vitest";
import { initialsOf } from "./initials.ts";

test("first and last word, addresses by what stands before the at", () => {
  expect([initialsOf("Jan van der Berg"), initialsOf("ännchen"), initialsOf("jo.smit@x.example"), initialsOf("")]).toEqual([
    "JB",
    "Ä",
    "JS",
    "?",
  ]);
});
