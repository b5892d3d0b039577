import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LrfindError } from "../core/index.js";

/** A package that is asked for by what it does, as it is not installed with this one. */
export interface WantedPackage {
  readonly name: string;
  /** The module that it exports, from its folder. */
  readonly entry: string;
  /** What it does: "which trains". */
  readonly purpose: string;
  /** The words behind `npm install`. */
  readonly install: string;
}

/**
 * A package's module: that of the folder where the command runs, else the one beside this package.
 *
 * @throws {LrfindError} where it is not installed, with the line that installs it.
 */
export async function packageDoor(wanted: WantedPackage, cwd: string): Promise<unknown> {
  for (const from of [pathToFileURL(join(cwd, "package.json")).href, import.meta.url]) {
    const found = located(wanted, from);
    if (found !== undefined) return await import(found);
  }
  throw new LrfindError({
    where: "lrfind",
    expected: `the package ${wanted.name}, ${wanted.purpose}`,
    got: "none",
    hint: `\`npm install ${wanted.install}\``,
  });
}

/** Its address, by the package's manifest: require knows no conditions of modules, and import takes no folder. */
function located({ name, entry }: WantedPackage, from: string): string | undefined {
  try {
    const manifest = createRequire(from).resolve(`${name}/package.json`);
    return pathToFileURL(join(manifest, "..", entry)).href;
  } catch {
    return undefined;
  }
}
