import { expect, test } from "vitest";
import { everything } from "../scripts/reference.js";
import { ELSEWHERE, GIVEN_REFERENCE, THROWS } from "./support/given-reference.js";
import { referenceBlocks } from "./support/reference-blocks.js";
import { runBlocks } from "./support/run-blocks.js";

const entries = [...everything().values()].flat();

test("every example of the docstrings runs, or throws what it says", () => {
  const blocks = referenceBlocks(entries).filter(({ document }) => ELSEWHERE[document] === undefined);
  expect(blocks.length).toBeGreaterThan(250);
  const { outcomes, stderr } = runBlocks(
    blocks.map(({ code }) => code),
    "",
    { given: GIVEN_REFERENCE, names: blocks.map(({ document }) => document) },
  );
  expect(outcomes.length, stderr).toBe(blocks.length);
  const wrong = blocks.flatMap(({ document }, i) => {
    const message = outcomes[i]!;
    const expected = THROWS[document];
    return (expected === undefined ? message === "" : expected.test(message))
      ? []
      : [`${document}: ${message}`];
  });
  expect(wrong).toEqual([]);
}, 300_000);

test("what is run elsewhere is there", () => {
  const names = new Set(entries.map(({ name }) => name));
  for (const name of [...Object.keys(ELSEWHERE), ...Object.keys(THROWS)]) expect(names).toContain(name);
});
