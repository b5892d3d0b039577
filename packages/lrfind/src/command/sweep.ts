import { dirname, join, resolve } from "node:path";
import {
  describe,
  formatLoss,
  formatRate,
  LrfindError,
  plainText,
  terminalColumns,
  writeAtomically,
} from "../core/index.js";
import { textRows } from "../draw/index.js";
import { defaultOf, loadModule } from "../modules/index.js";
import { type Progress, progress } from "../terminal/index.js";
import {
  type SweepDoor,
  type SweepOutcome,
  type SweepRow,
  type SweepState,
  sweepDoor,
} from "./doors/sweep.js";
import { EXIT } from "./failure.js";
import type { Host } from "./host.js";
import { readInput } from "./read-input.js";

/** The flags of `lrfind sweep`. */
export interface SweepFlags {
  readonly out: string;
  readonly workers?: number;
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
  const spec = await specOf(path, host);
  const door = given ?? (await sweepDoor(host.cwd));
  const { spec: plan, rows, rungs } = door.planSweep(spec);
  if (flags.dryRun) {
    const stages = rungs.map(
      ({ count, epochs }) => `${count} of ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`,
    );
    host.out(`${plan.search}: trainings, ${stages.join(", then the best ")}\n`);
    host.out(`${tableOf(rows, host)}\n`);
    return EXIT.found;
  }
  const controller = new AbortController();
  const stop = host.onInterrupt(() => controller.abort());
  const told = toldBy(host);
  try {
    const outcome = await door.runSweep(spec, {
      folder: resolve(host.cwd, flags.out),
      from: dirname(resolve(host.cwd, path)),
      launcher: door.localLauncher({
        threads: plan.threads,
        ...(flags.workers === undefined ? {} : { workers: flags.workers }),
      }),
      signal: controller.signal,
      onEvent: told.event,
      ...(flags.maxTime === undefined ? {} : { maxTime: flags.maxTime }),
      ...(flags.retryFailed === undefined ? {} : { retryFailed: flags.retryFailed }),
    });
    told.stop();
    const folder = resolve(host.cwd, flags.out);
    const html = await door.sweepToHtml(spec, folder, {
      title: `Sweep of ${plainText(path)}`,
      command: host.line,
    });
    await writeAtomically(join(folder, "report.html"), [new TextEncoder().encode(html)]);
    host.err(`wrote ${join(flags.out, "report.html")}\n`);
    return present(outcome, { ...flags, monitor: plan.monitor }, host);
  } finally {
    told.stop();
    stop();
  }
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

/** A bar where there is a terminal, a line for each job that ends elsewhere. */
function toldBy(host: Host) {
  let bar: Progress | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  interface Event {
    readonly kind: string;
    readonly why?: string;
    readonly result?: { readonly failure?: { readonly message: string } };
    progress(): SweepState;
  }
  return {
    stop,
    event(event: Event) {
      if (event.kind === "started") return;
      const { done, failed, total, rows } = event.progress();
      const detail = detailOf(rows, failed);
      if (host.hasBar) {
        bar ??= progress("sweep");
        bar.update(done, total, detail);
        return;
      }
      const message = event.result?.failure?.message;
      const what = message === undefined ? (event.why ?? detail) : `failed: ${plainText(message)}`;
      host.err(`${done}/${total}  ${what}\n`);
    },
  };
}

function detailOf(rows: readonly SweepRow[], failed: number): string {
  const best = rows.find(({ score }) => score !== undefined);
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(best === undefined ? [] : [`best ${formatLoss(best.score!)} at ${wordsOf(best)}`]),
  ];
  return parts.join("  ");
}

function wordsOf({ point, lr }: SweepRow): string {
  const config = Object.entries(point.config).map(
    ([name, value]) => `${plainText(name)} ${plainText(String(value))}`,
  );
  return [`lr ${lr === undefined ? "unknown" : formatRate(lr)}`, ...config].join(", ");
}

function present(
  outcome: SweepOutcome,
  { json, out, monitor }: SweepFlags & { readonly monitor: string },
  host: Host,
): number {
  const { best, rows, stop, done, failed } = outcome;
  if (json) host.out(`${JSON.stringify(outcome, undefined, 2)}\n`);
  else {
    host.out(`${tableOf(rows, host)}\n`);
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

/** The rows as a table: each axis, the rate, epochs and score, the best first. */
function tableOf(rows: readonly SweepRow[], host: Host): string {
  const columns = terminalColumns({ env: host.env, stdout: process.stdout });
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point.config)))];
  const cells = rows
    .slice(0, SHOWN)
    .map(({ point, lr, epochs, score, scores, failure }) => [
      ...axes.map((name) => plainText(String(point.config[name] ?? ""))),
      lr === undefined ? rateWords(point.rate) : formatRate(lr),
      epochs === 0 ? "" : String(epochs),
      failure === undefined
        ? score === undefined
          ? ""
          : scoreWords(score, scores)
        : `failed: ${plainText(failure)}`,
    ]);
  const more = rows.length > SHOWN ? [`… and ${rows.length - SHOWN} more`] : [];
  return [...textRows([[...axes.map(plainText), "lr", "epochs", "score"], ...cells], columns), ...more].join(
    "\n",
  );
}

function rateWords({ lr, factor }: SweepRow["point"]["rate"]): string {
  return lr === undefined ? `found × ${factor}` : formatRate(lr);
}

/** A score, and how far the seeds' lie apart. */
function scoreWords(score: number, scores: readonly number[]): string {
  const mean = formatLoss(score);
  return scores.length < 2
    ? mean
    : `${mean} (${formatLoss(Math.min(...scores))} to ${formatLoss(Math.max(...scores))})`;
}
