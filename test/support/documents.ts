import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGES, root } from "../../scripts/packages.js";
import type { Block } from "./type-check.js";

/** The documents with code, but for those that are generated from docstrings. */
export const documents: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
  ...PACKAGES.map((folder) => `${folder}/README.md`),
];

/** A block, and whether it is the start of a program of its own, as the comment "alone" before it says. */
export interface RunnableBlock extends Block {
  readonly isAlone: boolean;
}

/** The blocks of TypeScript of a document. */
export function blocksOf(document: string): RunnableBlock[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/(<!-- alone -->\n+)?```ts\n([\s\S]*?)```/g)].map(
    ({ 1: alone, 2: code, index }) => {
      const start = index + (alone ?? "").length + "```ts\n".length;
      const line = text.slice(0, start).split("\n").length - 1;
      return { document, line, code: code!, isAlone: alone !== undefined };
    },
  );
}
