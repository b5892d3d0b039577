import { describe, expect, test } from "vitest";
import { blocksOf, documents } from "./support/documents.js";
import { ANY_LOOP, GIVEN_CODE } from "./support/given.js";
import { runBlocks } from "./support/run-blocks.js";

describe("every block of code", () => {
  test.each(documents)("of %s runs", (document) => {
    const blocks = blocksOf(document);
    const programs = [
      blocks.filter(({ isAlone }) => !isAlone),
      ...blocks.filter(({ isAlone }) => isAlone).map((block) => [block]),
    ];
    for (const program of programs) {
      const { ended, stderr } = runBlocks(
        program.map(({ code }) => code),
        program[0]?.isAlone ? "" : (GIVEN_CODE[document] ?? ANY_LOOP),
      );
      const at = program[ended];
      expect(at && `${document}:${at.line}\n${stderr}`).toBeUndefined();
    }
  });

  test("is reported where it fails", () => {
    const { ended, stderr } = runBlocks(["console.log(1);", 'throw new Error("no");', "console.log(3);"], "");
    expect(ended).toBe(1);
    expect(stderr).toContain("Error: no");
  });
});
