import { LrfindError } from "./errors.js";

/** True in Node, and in what behaves like it. */
export function isNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}

/**
 * One of Node's own modules. Bundlers see no import of it, so that nothing stands for it in a browser but this error.
 *
 * @typeParam Module - Its type: `typeof import("node:path")`.
 * @param name - Without `node:`.
 * @throws {LrfindError} where there is no Node: files are for Node, and for what behaves like it.
 *
 * @example
 * ```ts
 * const { join } = nodeModule<typeof import("node:path")>("path");
 * ```
 */
export function nodeModule<Module>(name: string): Module {
  if (isNode()) return process.getBuiltinModule(`node:${name}`) as Module;
  throw new LrfindError({
    where: "files",
    expected: `Node, for its module "${name}"`,
    got: "a browser",
    hint: "bytes in the place of a path",
  });
}
