import { readFile } from "node:fs/promises";
import { builtinModules as names } from "node:module";
import type { Plugin } from "esbuild";

const asked = new RegExp(`\\brequire\\((['"])(?:node:)?(${names.join("|")})\\1\\)`, "g");

/** Packages in CommonJS ask for Node's modules by `require`, which a module does not have. */
export const builtinModules: Plugin = {
  name: "builtin-modules",
  setup: ({ onLoad }) =>
    onLoad({ filter: /node_modules[\\/](commander|cli-progress)[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(asked, "globalThis.process.getBuiltinModule('$2')"),
    })),
};
