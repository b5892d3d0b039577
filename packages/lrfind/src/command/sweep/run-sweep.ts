import { dirname, join, resolve } from "node:path";
import {
  describe,
  formatLoss,
  LrfindError,
  plainText,
  terminalColumns,
  writeAtomically,
} from "../../core/index.js";
import { defaultOf, loadModule } from "../../modules/index.js";
import { type SweepDoor, type SweepOutcome, sweepDoor } from "../doors/sweep.js";
import { EXIT } from "../failure.js";
import type { Host } from "../host.js";
import { readInput } from "../read-input.js";
import { checkLauncher, type LauncherFlags, launcherOf } from "./launcher.js";
import { liveOn, type ToldEvent } from "./live.js";
import { tableLines, wordsOf } from "./table.js";

/** The flags of `lrfind sweep`. */
export interface SweepFlags extends LauncherFlags {
  readonly out: string;
  /** False: no lock is written. */
  readonly lock: string | false;
  readonly locked?: boolean;
  readonly tensorboard?: string;
  readonly csv?: string;
  readonly maxTime?: number;
  readonly retryFailed?: boolean;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** The flags of `lrfind job`. */
export interface JobFlags {
  readonly out: string;
}

/** More rows than these nobody reads; all are in the JSON. */
const SHOWN = 20;

/** Runs a sweep; gives the exit code. */
export async function runSweepFile(
  path: string,
  flags: SweepFlags,
  host: Host,
  given?: SweepDoor,
): Promise<number> {
  checkLauncher(flags);
  const spec = await specOf(path, host);
  const door = given ?? (await sweepDoor(host.cwd));
  const from = dirname(resolve(host.cwd, path));
  const { spec: plan, rows, rungs } = door.planSweep(spec);
  if (flags.locked) return presentLock(door, { spec, from, flags }, host);
  if (flags.dryRun) {
    const stages = rungs.map(
      ({ count, epochs }) => `${count} of ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`,
    );
    host.out(`${plan.search}: trainings, ${stages.join(", then the best ")}\n`);
    host.out(`${tableLines(rows, columnsOf(host), SHOWN).join("\n")}\n`);
    return EXIT.found;
  }
  const controller = new AbortController();
  const stop = host.onInterrupt(() => controller.abort());
  const live = liveOn(host);
  const folder = resolve(host.cwd, flags.out);
  try {
    const outcome = await door.runSweep(spec, {
      folder,
      from,
      launcher: await launcherOf(door, { ...flags, threads: plan.threads, from: host.cwd }),
      signal: controller.signal,
      onEvent: (event: ToldEvent) => live.event(event),
      ...(flags.maxTime === undefined ? {} : { maxTime: flags.maxTime }),
      ...(flags.retryFailed === undefined ? {} : { retryFailed: flags.retryFailed }),
    });
    live.stop();
    const html = await door.sweepToHtml(spec, folder, {
      title: `Sweep of ${plainText(path)}`,
      command: host.line,
    });
    await writeAtomically(join(folder, "report.html"), [new TextEncoder().encode(html)]);
    host.err(`wrote ${join(flags.out, "report.html")}\n`);
    await writeLogs(door, { folder, flags }, host);
    if (flags.lock !== false && outcome.best !== undefined && outcome.stop === "completed") {
      const lock = resolve(from, flags.lock);
      await door.saveLock(lock, door.lockOf(spec, outcome.rows, from));
      host.err(`wrote ${flags.lock}\n`);
    }
    return present(outcome, { ...flags, monitor: plan.monitor }, host);
  } finally {
    live.stop();
    stop();
  }
}

/** Writes what other tools read. */
async function writeLogs(
  door: SweepDoor,
  { folder, flags: { tensorboard, csv } }: { readonly folder: string; readonly flags: SweepFlags },
  host: Host,
): Promise<void> {
  if (tensorboard !== undefined) {
    await door.saveSweepLogs(folder, resolve(host.cwd, tensorboard));
    host.err(`wrote ${tensorboard}\n`);
  }
  if (csv !== undefined) {
    await writeAtomically(resolve(host.cwd, csv), [new TextEncoder().encode(door.sweepToCsv(folder))]);
    host.err(`wrote ${csv}\n`);
  }
}

/** Says what the lock pins, and runs nothing. */
function presentLock(
  door: SweepDoor,
  { spec, from, flags }: { readonly spec: unknown; readonly from: string; readonly flags: SweepFlags },
  host: Host,
): number {
  if (flags.lock === false) {
    throw new LrfindError({ where: "--locked", expected: "a lock", got: "--no-lock" });
  }
  const lock = door.readLock(resolve(from, flags.lock));
  door.checkLock(lock, spec, from);
  const { config, lr, monitor, score } = lock.best;
  const row = { point: { config, rate: { lr } }, lr, epochs: lock.best.epochs, scores: [] };
  if (flags.json) host.out(`${JSON.stringify(lock, undefined, 2)}\n`);
  else host.out(`best ${plainText(monitor)} ${formatLoss(score)}: ${wordsOf(row)} (locked)\n`);
  return EXIT.found;
}

function columnsOf(host: Host): number {
  return terminalColumns({ env: host.env, stdout: process.stdout });
}

/** Does one job; gives the exit code. */
export async function runJobFile(
  path: string,
  { out }: JobFlags,
  host: Host,
  given?: SweepDoor,
): Promise<number> {
  const door = given ?? (await sweepDoor(host.cwd));
  const { failure } = await door.runJob(resolve(host.cwd, path), resolve(host.cwd, out));
  host.err(`wrote ${out}\n`);
  if (failure === undefined) return EXIT.found;
  host.err(`the job failed: ${plainText(failure.message)}\n`);
  return EXIT.none;
}

async function specOf(path: string, host: Host): Promise<unknown> {
  if (/\.json$/i.test(path)) {
    const text = new TextDecoder().decode(readInput(path, 16, host));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new LrfindError({ where: path, expected: "JSON", got: (cause as Error).message }, { cause });
    }
  }
  const spec = defaultOf(await loadModule(path, host.cwd));
  if (typeof spec === "object" && spec !== null) return spec;
  throw new LrfindError({
    where: path,
    expected: "a default export that is a sweep",
    got: spec === undefined ? "no default export" : describe(spec),
    hint: 'export default defineSweep({ model: "./learner.ts", … })',
  });
}

function present(
  outcome: SweepOutcome,
  { json, out, monitor }: SweepFlags & { readonly monitor: string },
  host: Host,
): number {
  const { best, rows, stop, done, failed } = outcome;
  if (json) host.out(`${JSON.stringify(outcome, undefined, 2)}\n`);
  else {
    host.out(`${tableLines(rows, columnsOf(host), SHOWN).join("\n")}\n`);
    if (failed > 0) host.out(`! ${failed} of ${done} jobs failed: ${out}/journal.jsonl says why\n`);
    host.out(
      best === undefined
        ? "no combination was trained to the end\n"
        : `best ${plainText(monitor)} ${formatLoss(best.score!)}: ${wordsOf(best)}\n`,
    );
  }
  if (stop !== "completed") {
    const why = { aborted: "stopped", maxTime: "the time is over", maxSteps: "the steps are made" }[stop];
    host.err(`${why}: what ended is in ${out}; the same command goes on\n`);
  }
  if (stop === "aborted") return EXIT.stopped;
  return best === undefined ? EXIT.none : EXIT.found;
}
