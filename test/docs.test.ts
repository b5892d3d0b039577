import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gradientRules, nonDifferentiable } from "../packages/engine/src/onnx/index.js";
import { drawn, SHAPES } from "../scripts/curves.js";
import { root } from "../scripts/packages.js";
import { blocksOf, documents } from "./support/documents.js";
import { complaints } from "./support/type-check.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");
/** What the documents take for given: what the reader has made before, or has anyway. */
const GIVEN = `
import type { Curve, LrFindResult, Trainer } from "lrfind";
import type { DataLoaders, Learner } from "@lrfind/learner";
declare global {
  const curve: Curve;
  const result: LrFindResult;
  const trainer: Trainer;
  const dls: DataLoaders;
  const learn: Learner;
  function snapshot(): Promise<unknown>;
  function restore(saved: unknown): Promise<void>;
  function trainOneBatch(lr: number | readonly number[]): Promise<number>;
}
`;

describe("the documents' code", () => {
  const blocks = documents.flatMap(blocksOf);

  test("is found", () => {
    for (const document of documents) {
      expect(blocks.filter((block) => block.document === document).length, document).toBeGreaterThan(0);
    }
  });

  test("type-checks", () => {
    expect(complaints(blocks, GIVEN)).toEqual([]);
  });

  test("would be refused if it did not", () => {
    const code = 'import { edge } from "lrfind";\nconst rate: string = edge.suggest;\n';
    const [complaint] = complaints([{ document: "wrong.md", line: 41, code }], GIVEN);
    expect(complaint).toMatch(/^wrong-md-0\.mts\(43,7\): error TS2322/);
  });
});

describe("docs/onnx.md", () => {
  const listed = (marker: string) => {
    const text = read("docs/onnx.md");
    const part = text.slice(text.indexOf(`<!-- ${marker} -->`), text.indexOf(`<!-- /${marker} -->`));
    const cells = part.split("\n").flatMap((line) => line.split("|")[2] ?? []);
    return (cells.length > 0 ? cells.join(" ") : part).match(/\b[A-Z][A-Za-z0-9]+\b/g) ?? [];
  };

  test("lists every operator with a gradient, once", () => {
    expect(listed("operators").sort()).toEqual(Object.keys(gradientRules).sort());
  });

  test("lists every operator at which gradients end, once", () => {
    expect(listed("ends").sort()).toEqual([...nonDifferentiable].sort());
  });
});

test("links between the documents lead somewhere", () => {
  const files = new Set(documents);
  for (const document of documents) {
    for (const [, target] of read(document).matchAll(/\]\(((?!https?:)[^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
      const path = join(document, "..", target!);
      expect(files.has(path) || read(path) !== "", `${document}: ${target}`).toBe(true);
    }
  }
});

describe("the curves of docs/reading-the-plot.md", () => {
  const page = read("docs/reading-the-plot.md");

  test.each(Object.entries(SHAPES))(
    "%s is what the script draws, and says what the page says of it",
    async (name, shape) => {
      const { svg, kinds } = await drawn(shape);
      expect(read(`docs/curves/${name}.svg`)).toBe(svg);
      const section = page.split(/^### /m).find((part) => part.includes(`curves/${name}.svg`))!;
      const said = kinds.filter((kind) => kind !== "suggestersDisagree");
      expect(said.length).toBe(name === "good" ? 0 : 1);
      for (const kind of said) expect(section).toContain(`\`${kind}\``);
    },
  );
});
