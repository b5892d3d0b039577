import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

// JavaScript, as the bench of memory is run by Node alone.

/** Where a bench leaves what it measured. README is written from these files by `npm run figures`. */
const folder = new URL("./results/", import.meta.url);

/**
 * What a bench measured last time, or undefined.
 *
 * @template T
 * @param {string} name
 * @returns {T | undefined}
 */
export function readResults(name) {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Writes what a bench measured, with the day and Node's version.
 *
 * @param {string} name
 * @param {object} measured
 */
export function writeResults(name, measured) {
  mkdirSync(folder, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ measured: day, node: process.version, ...measured }, null, 2);
  writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
}

/**
 * Writes a bench's ratio, behind those of the runs before it, and what else it measured.
 *
 * @param {string} name
 * @param {number} ratio
 * @param {object} [measured]
 */
export function writeRatio(name, ratio, measured = {}) {
  /** @type {{ readonly ratios: readonly number[] } | undefined} */
  const before = readResults(name);
  writeResults(name, { ...measured, ratios: withRatio(before?.ratios, ratio) });
}

/**
 * Ratios of this run and of those before it, the newest last.
 *
 * @param {readonly number[] | undefined} before
 * @param {number} ratio
 * @returns {number[]}
 */
export function withRatio(before, ratio) {
  return [...(before ?? []), Number(ratio.toFixed(2))].slice(-20);
}
