import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { LrfindError } from "../core/index.js";
import type { Host } from "./host.js";

/**
 * A file's bytes.
 *
 * @param maxSize - In megabytes.
 * @throws {LrfindError} for one that is not there, no file, or larger.
 */
export function readInput(path: string, maxSize: number, { cwd }: Host): Uint8Array {
  const file = resolve(cwd, path);
  try {
    const stats = statSync(file);
    if (!stats.isFile())
      throw new LrfindError({ where: path, expected: "a file", got: "a folder or a device" });
    if (stats.size > maxSize * 2 ** 20) {
      const got = `${(stats.size / 2 ** 20).toFixed(1)} MB`;
      const hint = `--max-size ${Math.ceil(stats.size / 2 ** 20)}`;
      throw new LrfindError({ where: path, expected: `a file of at most ${maxSize} MB`, got, hint });
    }
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof LrfindError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const got = code === "ENOENT" ? "none" : message;
    throw new LrfindError({ where: path, expected: "a file that can be read", got }, { cause });
  }
}
