import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LrfindError } from "../core/index.js";

/**
 * A module of the user's: JavaScript, or TypeScript where Node strips its types (from 22.18 on) or tsx is installed beside
 * the module.
 *
 * @throws {LrfindError} for one that cannot be loaded; its own error is the cause.
 */
export async function loadModule(path: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(cwd, path);
  if (!existsSync(file)) throw new LrfindError({ where: path, expected: "a file", got: "none" });
  try {
    return await importFile(file);
  } catch (cause) {
    if (cause instanceof LrfindError) throw cause;
    const { name, message } = cause as Error;
    throw new LrfindError(
      { where: path, expected: "a module that loads", got: `${name}: ${message}` },
      { cause },
    );
  }
}

/** A module's default export; that of TypeScript in a package of CommonJS lies in its exports' own. */
export function defaultOf(module: Readonly<Record<string, unknown>>): unknown {
  const { default: made } = module;
  const isWrapped = typeof made === "object" && made !== null && "default" in made;
  return isWrapped ? (made as Readonly<Record<string, unknown>>)["default"] : made;
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file).href;
  const isTypeScript = /^\.[cm]?ts$/.test(extname(file));
  const stripsTypes = (process.features as { readonly typescript?: unknown }).typescript;
  if (!isTypeScript || stripsTypes || process.execArgv.some((flag) => flag.includes("tsx")))
    return await import(url);
  const { tsImport } = await tsxOf(file);
  return await tsImport(url, import.meta.url);
}

interface TsxManifest {
  readonly exports: { readonly "./esm/api": { readonly import: { readonly default: string } } };
}

interface Tsx {
  tsImport(url: string, parent: string): Promise<Readonly<Record<string, unknown>>>;
}

async function tsxOf(file: string): Promise<Tsx> {
  let found: string;
  try {
    // By its manifest: require would lead to the form for CommonJS, and import.meta.resolve takes no folder.
    const manifest = createRequire(file).resolve("tsx/package.json");
    const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as TsxManifest;
    found = join(dirname(manifest), exports["./esm/api"].import.default);
  } catch (cause) {
    throw new LrfindError(
      {
        where: file,
        expected: "JavaScript, or a Node that runs TypeScript",
        got: `Node ${process.version}`,
        hint: "`npm install --save-dev tsx`, or Node 22.18 or newer",
      },
      { cause },
    );
  }
  return (await import(pathToFileURL(found).href)) as Tsx;
}
