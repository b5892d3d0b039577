import { type Entry, examplesOf, specifierOf } from "../../scripts/reference.js";
import type { Block } from "./type-check.js";

/** What some take for something more special. */
const SPECIAL: Readonly<Record<string, string>> = {
  collabLearner: 'declare const dls: import("@lrfind/learner").CollabDataLoaders;',
  tabularLearner: 'declare const dls: import("@lrfind/learner").TabularDataLoaders;',
  textLearner: 'declare const dls: import("@lrfind/learner").TextDataLoaders;',
  beta: "declare const step: number;",
};

/** The examples of docstrings, each with the imports that it takes for given; a block's document is the export's name. */
export function referenceBlocks(entries: readonly Entry[]): Block[] {
  const imported = specifierOf();
  const types = new Set(
    entries.filter(({ kind }) => kind === "interface" || kind === "type").map(({ name }) => name),
  );
  return entries.flatMap((entry) =>
    examplesOf(entry).map((code) => {
      const declared = new Set(
        [...code.matchAll(/\b(?:const|let|function|class) (\w+)/g)].map(([, name]) => name!),
      );
      const fromImports = [...code.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
        list!.split(",").map((name) => name.trim().replace(/^type /, "")),
      );
      const words = new Set(
        code.replaceAll(/(["'])(?:(?!\1).)*\1|\/\/.*$/gm, "").match(/(?<![.\w$])[A-Za-z_]\w*\b(?!\s*:[^:])/g),
      );
      const needed = [...words].filter(
        (word) => imported.has(word) && !declared.has(word) && !fromImports.includes(word),
      );
      const files = ["readFile", "writeFile"].filter(
        (name) => words.has(name) && !fromImports.includes(name),
      );
      const imports = [
        ...needed.map(
          (name) => `import { ${types.has(name) ? "type " : ""}${name} } from "${imported.get(name)}";`,
        ),
        ...files.map((name) => `import { ${name} } from "node:fs/promises";`),
        SPECIAL[entry.name] ?? "",
      ].join(" ");
      return { document: entry.name, line: 0, code: `${imports}\n${code}` };
    }),
  );
}
