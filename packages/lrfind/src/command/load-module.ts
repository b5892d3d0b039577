import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
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
  try {
    return await importFile(file);
  } catch (cause) {
    if (cause instanceof LrfindError) throw cause;
    const { code, name, message } = cause as NodeJS.ErrnoException;
    const isMissing = code === "ERR_MODULE_NOT_FOUND" && message.includes(file);
    const expected = isMissing ? "a file" : "a module that loads";
    const got = isMissing ? "none" : `${name}: ${message}`;
    throw new LrfindError({ where: path, expected, got }, { cause });
  }
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

interface Tsx {
  tsImport(url: string, parent: string): Promise<Readonly<Record<string, unknown>>>;
}

async function tsxOf(file: string): Promise<Tsx> {
  let found: string;
  try {
    found = createRequire(file).resolve("tsx/esm/api");
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
