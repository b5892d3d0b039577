import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { checkArgument, instanceOf, string, writeAtomically } from "lrfind/core";
import { type Config, SweepError } from "../job/index.js";
import { hashOf, hashOfModule, refuse, VERSION } from "../job/internal.js";
import type { Row, SweepSpec } from "../plan/index.js";
import { fullSpec } from "../plan/internal.js";

/** What a sweep found, pinned: a file to commit, so that nobody, and no CI, searches again. */
export interface SweepLock {
  readonly format: "lrfind-lock";
  readonly version: 1;
  /** The version of lrfind that found it. */
  readonly lrfind: string;
  /** The hash of the spec, with its defaults. */
  readonly specHash: string;
  /** The hash of the module's text. */
  readonly moduleHash: string;
  /** The best combination, its rate, and what it is to be trained by. */
  readonly best: {
    readonly config: Config;
    readonly lr: number;
    readonly schedule: "oneCycle" | "constant";
    readonly epochs: number;
    readonly monitor: string;
    readonly score: number;
  };
  /** The rates that range tests found for each combination. */
  readonly found: readonly { readonly config: Config; readonly lr: number }[];
}

const FROM = "a folder's path";

/**
 * The lock of a sweep that came to an end.
 *
 * @param spec - The sweep's spec.
 * @param rows - Its rows, the best first, as `runSweep` gives them.
 * @param from - The folder from which the spec's `model` is looked for.
 * @throws {SweepError} when no combination was trained to the end, or an argument cannot be used.
 *
 * @example
 * ```ts
 * const spec = { model: "./learner.js", axes: { batchSize: [16, 64] } };
 * const { rows } = await runSweep(spec, { folder: "sweep", launcher: localLauncher() });
 * await saveLock("lrfind.lock.json", lockOf(spec, rows, "."));
 * ```
 */
export function lockOf(spec: SweepSpec, rows: readonly Row[], from: string): SweepLock {
  const full = fullSpec(spec, "lockOf");
  checkArgument("lockOf", "rows", rows, instanceOf(Array, "rows of a sweep"), refuse);
  checkArgument("lockOf", "from", from, { ...string, expected: FROM }, refuse);
  const best = rows.find(({ epochs, score }) => epochs === full.epochs && score !== undefined);
  if (best === undefined) {
    throw new SweepError({
      where: "lockOf",
      expected: "a combination that was trained to the end",
      got: "none",
      hint: "the same sweep again: it goes on where it stood",
    });
  }
  const found = new Map<string, { readonly config: Config; readonly lr: number }>();
  for (const { point, lr } of rows) {
    if (lr === undefined || !("factor" in point.rate)) continue;
    const key = hashOf(point.config);
    // The factor 1 is the rate itself, without the rounding of a product and a quotient.
    if (!found.has(key) || point.rate.factor === 1)
      found.set(key, { config: point.config, lr: point.rate.factor === 1 ? lr : lr / point.rate.factor });
  }
  const { schedule, epochs, monitor } = full;
  return {
    format: "lrfind-lock",
    version: 1,
    lrfind: VERSION,
    ...hashesOf(spec, from),
    best: { config: best.point.config, lr: best.lr!, schedule, epochs, monitor, score: best.score! },
    found: [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
  };
}

/**
 * Writes a lock, whole or not at all, so that a commit shows what changed.
 *
 * @throws {SweepError} for something that is no lock.
 * @throws {FileError} when the file cannot be written.
 */
export async function saveLock(path: string, lock: SweepLock): Promise<void> {
  checkArgument("saveLock", "path", path, string, refuse);
  const text = `${JSON.stringify(parseLock(JSON.stringify(lock) ?? "", "saveLock"), undefined, 2)}\n`;
  await writeAtomically(path, [new TextEncoder().encode(text)]);
}

/**
 * Reads a lock: the configuration and the rate to train with.
 *
 * @param path - The file.
 * @throws {SweepError} when there is none, or it is something else.
 *
 * @example
 * ```ts
 * const { best } = readLock("lrfind.lock.json"); // best.config is what the learner is made of
 * await learn.fitOneCycle(best.epochs, { lrMax: best.lr });
 * ```
 */
export function readLock(path: string): SweepLock {
  checkArgument("readLock", "path", path, string, refuse);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new SweepError(
      { where: path, expected: "a lock of a sweep", got, hint: "lrfind sweep, which writes it" },
      { cause },
    );
  }
  return parseLock(text, path);
}

/** Reads a lock's text. @throws {SweepError} when it is none. */
export function parseLock(text: string, where: string): SweepLock {
  checkArgument("parseLock", "text", text, string, refuse);
  checkArgument("parseLock", "where", where, string, refuse);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const got = (cause as Error).message;
    throw new SweepError({ where, expected: "a lock of a sweep as JSON", got }, { cause });
  }
  const { format, version, best, found, specHash, moduleHash } = Object(json) as Partial<SweepLock>;
  const isLock =
    format === "lrfind-lock" &&
    version === 1 &&
    [specHash, moduleHash].every((hash) => typeof hash === "string") &&
    Number.isFinite(Object(best).lr) &&
    Number.isInteger(Object(best).epochs) &&
    typeof Object(best).config === "object" &&
    Array.isArray(found);
  if (isLock) return json as SweepLock;
  const got = format === "lrfind-lock" ? `version ${version}, or a part of one` : "something else";
  throw new SweepError({ where, expected: "a lock of a sweep, version 1", got });
}

/**
 * Holds a lock to what it is a lock of.
 *
 * @param lock - As `readLock` gives it.
 * @param spec - The sweep's spec.
 * @param from - The folder from which the spec's `model` is looked for.
 * @throws {SweepError} when the spec or the module is another than when it was written.
 *
 * @example
 * ```ts
 * const spec = { model: "./learner.js", axes: { batchSize: [16, 64] } };
 * checkLock(readLock("lrfind.lock.json"), spec, ".");
 * ```
 */
export function checkLock(lock: SweepLock, spec: SweepSpec, from: string): void {
  const { specHash, moduleHash } = parseLock(JSON.stringify(lock) ?? "", "checkLock");
  checkArgument("checkLock", "from", from, { ...string, expected: FROM }, refuse);
  const now = hashesOf(spec, from);
  const changed = [
    ...(now.specHash === specHash ? [] : ["the spec"]),
    ...(now.moduleHash === moduleHash ? [] : [spec.model]),
  ];
  if (changed.length === 0) return;
  throw new SweepError({
    where: "the lock",
    expected: "one of this sweep",
    got: `one of before ${changed.join(" and ")} changed`,
    hint: "lrfind sweep without --locked, which writes a new one",
  });
}

function hashesOf(spec: SweepSpec, from: string): Pick<SweepLock, "specHash" | "moduleHash"> {
  const full = fullSpec(spec, "lock");
  const maxSteps = Number.isFinite(full.maxSteps) ? full.maxSteps : null;
  return {
    specHash: hashOf({ ...full, maxSteps }),
    moduleHash: hashOfModule(resolve(from, spec.model)),
  };
}
