import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LrfindError, type Problem } from "../../src/core/index.js";

describe("the base of all errors", () => {
  test.each<[Problem, string]>([
    [{ where: "fit", expected: "a rate", got: "-1" }, "fit: expected a rate, got -1"],
    [{ where: "fit", expected: "a rate", got: "-1", hint: "0.1" }, "fit: expected a rate, got -1; try 0.1"],
    [{ where: "build", expected: "a name that is free" }, "build: expected a name that is free"],
    [{ where: "build", expected: "a name", hint: '"x"' }, 'build: expected a name; try "x"'],
  ])("says %j", (problem, message) => {
    const cause = new Error("below");
    const error = new LrfindError(problem, { cause });
    expect(error.message).toBe(message);
    const { where, expected, got, hint } = error;
    expect({ where, expected, got, hint }).toEqual({ got: undefined, hint: undefined, ...problem });
    expect(error.cause).toBe(cause);
  });
});

const packages = new URL("../../../", import.meta.url);
const sources = ["lrfind", "engine", "learner"].flatMap((name) => {
  const folder = new URL(`${name}/src/`, packages);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.map((file) => [`${name}/src/${file}`, readFileSync(new URL(file, folder), "utf8")] as const);
});

test("every error that the code makes is of a room's own class, and made of its parts, not of a text", () => {
  const own = sources.flatMap(([, text]) => [...text.matchAll(/class (\w+) extends (\w+)/g)]);
  const classes = new Set(["LrfindError"]);
  for (let before = 0; before !== classes.size; ) {
    before = classes.size;
    for (const [, name, parent] of own) if (classes.has(parent!)) classes.add(name!);
  }
  expect(classes.size).toBeGreaterThan(12);
  // Some name their place first, and make the rest of what they are given.
  const named = [
    "LrFindOptionError",
    "CurveFormatError",
    "ResultFormatError",
    "ContractError",
    "LogError",
    "Cancel",
  ];
  const others = ["NonFiniteLossError", "NonFiniteStateError"];
  const plain = [...classes].filter((name) => ![...named, ...others].includes(name));
  const made = new RegExp(`(?:new (?:${plain.join("|")})|super)\\(\\s*["'\`]`);
  const faults = sources.filter(([, text]) => made.test(text)).map(([file]) => file);
  expect(faults).toEqual([]);
  const bare = sources.filter(([, text]) => /new (?:Range|Type|Syntax|Reference)Error\(/.test(text));
  expect(bare.map(([file]) => file)).toEqual([]);
});
