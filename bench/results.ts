import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

/** Where a bench leaves what it measured. README is written from these files by `npm run figures`. */
const folder = new URL("./results/", import.meta.url);

/** What a bench measured last time, or undefined. */
export function readResults<T>(name: string): T | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes what a bench measured, with the day and Node's version. */
export function writeResults(name: string, measured: object): void {
  mkdirSync(folder, { recursive: true });
  const day = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ measured: day, node: process.version, ...measured }, null, 2);
  writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
}

/** Ratios of this run and of those before it, the newest last. */
export function withRatio(before: readonly number[] | undefined, ratio: number): number[] {
  return [...(before ?? []), Number(ratio.toFixed(2))].slice(-20);
}
