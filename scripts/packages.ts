import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The repository's root. */
export const root = resolve(import.meta.dirname, "..");

/** The folders of the packages, each after those that it imports. */
export const PACKAGES = ["packages/lrfind", "packages/engine", "packages/learner", "packages/sweep"] as const;

/** What is read of a package's package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** Its commands, by name: the modules that they run. */
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

/** The modules that a package exports, by their path under `src/` and `dist/` without the ending. */
export function entriesOf({ exports }: Manifest): string[] {
  return Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [entry.default.replace(/^\.\/dist\/|\.js$/g, "")],
  );
}

/** The modules that a package's commands run, likewise. */
export function commandsOf({ bin = {} }: Manifest): string[] {
  return Object.values(bin).map((path) => path.replace(/^dist\/|\.js$/g, ""));
}
