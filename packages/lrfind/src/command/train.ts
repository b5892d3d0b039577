import { join, resolve } from "node:path";
import { csvCell, plainText, writeAtomically } from "../core/index.js";
import { type Progress, progress } from "../terminal/index.js";
import { type TrainDoor, trainDoor } from "./doors/learner.js";
import { EXIT } from "./failure.js";
import type { Host } from "./host.js";

/** The flags of `lrfind train` that are the command's own; the others are the Learner's. */
export interface TrainFlags {
  readonly out: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly config?: unknown;
}

/** Trains on a file or a folder; gives the exit code. */
export async function runTrain(
  data: string,
  flags: TrainFlags,
  host: Host,
  door?: TrainDoor,
): Promise<number> {
  const { json, dryRun, config, ...options } = flags;
  const { planData, trainData } = door ?? (await trainDoor(host.cwd));
  const path = resolve(host.cwd, data);
  const asked = { ...options, out: resolve(host.cwd, flags.out) };
  const shown = (line: string) => plainText(line.replaceAll(path, data)).trimEnd();
  // White space at the start of a line sets columns apart.
  const indented = (line: string) => `${/^ */.exec(line)![0]}${shown(line).trimStart()}`;
  if (dryRun) {
    const { lines } = await planData(path, asked);
    host.out(`${lines.map(indented).join("\n")}\n`);
    return EXIT.found;
  }
  const bars = barsOf(host);
  const controller = new AbortController();
  const stop = host.onInterrupt(() => controller.abort());
  try {
    const report = await trainData(path, asked, {
      say: (line: string) => {
        bars.stop();
        (json ? host.err : host.out)(`${indented(line)}\n`);
      },
      ...(host.hasBar ? { progress: bars.update } : {}),
      signal: controller.signal,
    });
    bars.stop();
    if (json) {
      const { lr, metric, baselines, beatsBaselines, files } = report;
      host.out(
        `${JSON.stringify({ lr, metric, baselines, beatsBaselines, folder: flags.out, files }, undefined, 2)}\n`,
      );
    } else {
      host.out(`wrote ${report.files.map((name) => join(flags.out, name)).join(", ")}\n`);
      host.out(`next: lrfind predict ${join(flags.out, "model.onnx")} NEW_DATA\n`);
    }
    return EXIT.found;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    host.err(
      `stopped: the best epoch so far, if there was one, is ${join(flags.out, "best.safetensors")}; the same command begins anew\n`,
    );
    return EXIT.stopped;
  } finally {
    bars.stop();
    stop();
  }
}

/** A bar for the search, and one for the epochs. */
function barsOf({ hasBar }: Host) {
  let bar: Progress | undefined;
  let shownPart: string | undefined;
  const stop = () => {
    bar?.stop();
    bar = undefined;
    shownPart = undefined;
  };
  return {
    stop,
    update(part: "search" | "training", done: number, total: number, detail: string): void {
      if (!hasBar) return;
      if (part !== shownPart) stop();
      bar ??= progress(part === "search" ? "finding a learning rate" : "training");
      shownPart = part;
      bar.update(done, total, detail);
    },
  };
}

/** The flags of `lrfind predict`. */
export interface PredictFlags {
  readonly format: "csv" | "jsonl";
  readonly out?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
}

/** Predicts new rows or images; gives the exit code. */
export async function runPredict(
  { model, data }: { readonly model: string; readonly data: string },
  { format, out, delimiter, encoding }: PredictFlags,
  host: Host,
  door?: TrainDoor,
): Promise<number> {
  const { predictData } = door ?? (await trainDoor(host.cwd));
  const options = { ...(delimiter && { delimiter }), ...(encoding && { encoding }) };
  const predictions = await predictData(resolve(host.cwd, model), resolve(host.cwd, data), options);
  const text =
    format === "csv" ? csvOf(predictions) : predictions.map((each) => `${JSON.stringify(each)}\n`).join("");
  if (out === undefined) host.out(text);
  else {
    await writeAtomically(resolve(host.cwd, out), [new TextEncoder().encode(text)]);
    host.err(`wrote ${out}\n`);
  }
  return EXIT.found;
}

function csvOf(predictions: readonly Readonly<Record<string, unknown>>[]): string {
  const names = [...new Set(predictions.flatMap((each) => Object.keys(each)))];
  const cell = (value: unknown) => csvCell(String(value ?? ""));
  const rows = predictions.map((each) => names.map((name) => cell(each[name])).join(","));
  return `${[names.join(","), ...rows].join("\n")}\n`;
}
