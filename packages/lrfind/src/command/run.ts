import { join, resolve } from "node:path";
import { describe, formatLoss, formatRate, LrfindError, terminalColumns } from "../core/index.js";
import {
  eventToJson,
  resultOf,
  type SearchEvent,
  type SearchOptions,
  type SearchResult,
  search,
  type Trainer,
  toJson,
} from "../finder/index.js";
import { defaultOf, loadModule } from "../modules/index.js";
import { toTerminal } from "../plot/index.js";
import { progress, saveSearch, showSearch, suggestionTable } from "../terminal/index.js";
import { timeLeft } from "../terminal/internal.js";
import { EXIT } from "./failure.js";
import type { Host } from "./host.js";
import { suggestersNamed } from "./suggesters.js";
import { writeResult } from "./write-result.js";

/** The flags of `lrfind run`. */
export interface RunFlags extends Omit<SearchOptions, "suggestFuncs" | "groups" | "signal"> {
  readonly groups: "together" | "each";
  readonly suggestFuncs: readonly string[];
  readonly out: string;
  readonly plot: boolean;
  readonly json?: boolean;
  readonly stream?: boolean;
  readonly dryRun?: boolean;
}

/** Searches a rate for the trainer of a module; gives the exit code. */
export async function runTrainer(file: string, flags: RunFlags, host: Host): Promise<number> {
  const trainer = await trainerOf(file, host);
  try {
    return await searched(trainer, file, flags, host);
  } finally {
    const disposable = trainer as Partial<AsyncDisposable & Disposable>;
    await disposable[Symbol.asyncDispose]?.();
    disposable[Symbol.dispose]?.();
  }
}

/** The default export, or what it makes. */
async function trainerOf(file: string, { cwd }: Host): Promise<Trainer> {
  const module = await loadModule(file, cwd);
  const made = defaultOf(module);
  const trainer = typeof made === "function" && !isTrainer(made) ? await (made as () => unknown)() : made;
  if (isTrainer(trainer)) return trainer;
  throw new LrfindError({
    where: file,
    expected: "a default export that is a Trainer or a Learner, or a function that makes one",
    got:
      made === undefined
        ? `no default export (${Object.keys(module).join(", ") || "no exports"})`
        : describe(trainer),
    hint: "export default new Learner({ … })",
  });
}

function isTrainer(value: unknown): value is Trainer {
  return typeof (value as Partial<Trainer> | null | undefined)?.startTrial === "function";
}

async function searched(trainer: Trainer, file: string, flags: RunFlags, host: Host): Promise<number> {
  const controller = new AbortController();
  const events = search(trainer, optionsOf(flags, controller.signal)) as AsyncGenerator<
    SearchEvent,
    SearchResult,
    void
  >;
  if (flags.dryRun) return await dryRun(events, file, host);
  const stop = host.onInterrupt(() => controller.abort());
  try {
    const path = join(resolve(host.cwd, flags.out), "result.json");
    const result = await resultOf(shown(saveSearch(events, path), flags, host));
    await present(result, { ...flags, command: host.line }, host);
    if (controller.signal.aborted) {
      host.err(
        `stopped: what was measured is in ${join(flags.out, "result.json")}; the same command measures anew\n`,
      );
      return EXIT.stopped;
    }
    return rateOf(result) === null ? EXIT.none : EXIT.found;
  } finally {
    stop();
  }
}

function optionsOf(flags: RunFlags, signal: AbortSignal): SearchOptions<never, never> {
  const { suggestFuncs, out, plot, json, stream, dryRun, ...options } = flags;
  // commander adds what all commands share.
  const { config, ...known } = options as typeof options & { readonly config?: unknown };
  return { ...known, suggestFuncs: suggestersNamed(suggestFuncs), signal } as never;
}

async function dryRun(
  events: AsyncGenerator<SearchEvent, unknown, void>,
  file: string,
  host: Host,
): Promise<number> {
  // The first event comes when everything is checked, before anything is trained.
  const { value: started } = await events.next();
  await events.return(undefined);
  if (started === undefined || (started as SearchEvent).kind !== "started") return EXIT.none;
  const { options, paramGroups, trainer } = started as Extract<SearchEvent, { kind: "started" }>;
  host.out(
    `${file}: ${trainer?.name ?? "a trainer"}${paramGroups.length > 0 ? `, groups ${paramGroups.join(", ")}` : ""}\n`,
  );
  host.out(`would run ${options.runs} x ${options.numIt} steps and ask ${options.suggestFuncs.join(", ")}\n`);
  return EXIT.found;
}

/** Passes the events on and shows them: as lines of JSON, by a bar, or by a line for every tenth. */
async function* shown(
  events: AsyncGenerator<SearchEvent, SearchResult, void>,
  { stream }: RunFlags,
  host: Host,
): AsyncGenerator<SearchEvent, SearchResult, void> {
  const bar = host.hasBar && !stream ? progress("finding a learning rate") : undefined;
  const show = bar === undefined ? plainLines(host) : showSearch(bar);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      if (stream) host.out(`${eventToJson(next.value)}\n`);
      else show(next.value);
      yield next.value;
    }
  } finally {
    bar?.stop();
    await events.return(undefined as never);
  }
}

function plainLines(host: Host): (event: SearchEvent) => void {
  let told = 0;
  return (event) => {
    if (event.kind !== "point") return;
    const { done, total, lr, smoothed, elapsedMs } = event;
    const tenth = Math.floor((10 * done) / total);
    if (tenth <= told) return;
    told = tenth;
    const left = done < total ? `  ${timeLeft(((elapsedMs / 1000) * (total - done)) / done)}` : "";
    host.err(`${done}/${total}  lr ${formatRate(lr)}  loss ${formatLoss(smoothed)}${left}\n`);
  };
}

async function present(
  result: SearchResult,
  { command, ...flags }: RunFlags & { readonly command: string },
  host: Host,
): Promise<void> {
  await writeResult(result, { folder: flags.out, command }, host);
  if (flags.stream) return;
  if (flags.json) {
    host.out(toJson(result));
    return;
  }
  const columns = terminalColumns({ env: host.env, stdout: process.stdout });
  const funcs = suggestersNamed(flags.suggestFuncs);
  if (flags.plot) host.out(`${toTerminal(result, { columns, color: host.hasColor })}\n`);
  for (const finding of "groups" in result ? result.groups : [result]) {
    if ("group" in finding) host.out(`${finding.group}\n`);
    host.out(`${suggestionTable(finding.suggestions, funcs, { columns })}\n`);
  }
  for (const { message } of result.diagnostics) host.out(`! ${message}\n`);
  const rates = "groups" in result ? (result.lrs ?? [null]) : [result.lr];
  host.out(`learning rate ${rates.map(formatRate).join(", ")} (${funcs[0]!.name})\n`);
}

function rateOf(result: SearchResult): number | readonly number[] | null {
  return "groups" in result ? result.lrs : result.lr;
}
