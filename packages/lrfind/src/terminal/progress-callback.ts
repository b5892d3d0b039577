import { Presets, SingleBar } from "cli-progress";
import type { TextStream } from "../core/index.js";
import { type Checks, checkOptions, formatLoss, plainText, tolerateClosed } from "../core/index.js";
import { paddedTo, widthOf } from "../draw/index.js";
import { writable } from "./checks.js";

/** Where to show the progress of a fit. */
export interface ProgressCallbackOptions {
  /** Takes the bar, if it is a terminal. @default process.stderr */
  readonly bar?: TextStream;
  /** Takes a line per epoch. @default process.stdout */
  readonly table?: TextStream;
}

/** A finished epoch, as the Learner records it. */
interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

/** What is read of a fit. */
interface Fit {
  readonly epoch: number;
  readonly nEpoch: number;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly loss: number | undefined;
  readonly record: EpochRecord | undefined;
}

/** A callback of the Learner, by what it reads of one: the terminal needs no Learner. */
export interface ProgressCallback {
  readonly name: "progress";
  readonly order: number;
  /** A mini-batch may be written over as soon as its step is made. */
  readonly keeps: "nothing";
  readonly beforeFit: (fit: Fit) => void;
  readonly beforeTrain: (fit: Fit) => void;
  readonly afterStep: (fit: Fit) => void;
  readonly beforeValidate: (fit: Fit) => void;
  readonly afterEpoch: (fit: Fit) => void;
  readonly finish: (fit: Fit) => void;
}

const OPTIONS: Checks<ProgressCallbackOptions> = { bar: writable, table: writable };

const COLUMN = 10;

/**
 * Shows a fit in the terminal: a progress bar for the running epoch, and a table with a line per finished one.
 *
 * @throws {OptionError} when an option does not exist, or is no stream.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(4, { lrMax: 1e-2, cbs: [progressCallback()] });
 * // epoch     trainLoss validLoss accuracy  time
 * // 0         0.7321    0.4876    0.8230    0:03
 * ```
 *
 * Source: fastai's `ProgressCallback`.
 */
export function progressCallback(options: ProgressCallbackOptions = {}): ProgressCallback {
  checkOptions("progressCallback", options, OPTIONS);
  const stream = tolerateClosed(options.bar ?? process.stderr);
  const table = tolerateClosed(options.table ?? process.stdout);
  let bar: SingleBar | undefined;
  let columns: readonly string[] = [];
  let trained = "";
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    name: "progress",
    keeps: "nothing",
    // Before trackers, which end a fit from the same hook.
    order: 62,
    beforeFit() {
      columns = [];
    },
    beforeTrain({ epoch, nEpoch, stepsPerEpoch }) {
      const format = `epoch ${epoch + 1} of ${nEpoch} {bar} {value}/{total}  {detail}`;
      bar = new SingleBar(
        {
          format,
          stream: stream as unknown as NodeJS.WritableStream,
          noTTYOutput: false,
          barsize: 30,
          hideCursor: true,
          clearOnComplete: true,
        },
        Presets.shades_classic,
      );
      bar.start(stepsPerEpoch, 0, { detail: "" });
    },
    afterStep({ step, loss }) {
      trained = `loss ${formatLoss(loss!)}`;
      bar?.update(step + 1, { detail: trained });
    },
    beforeValidate({ stepsPerEpoch }) {
      bar?.update(stepsPerEpoch, { detail: `${trained}  validating` });
    },
    afterEpoch({ record }) {
      stop();
      if (!record) return;
      const cells = cellsOf(record);
      const names = Object.keys(cells);
      if (names.join() !== columns.join()) {
        table.write(`${lineOf(names)}\n`);
        columns = names;
      }
      table.write(`${lineOf(Object.values(cells), names)}\n`);
    },
    finish: stop,
  };
}

function cellsOf({ epoch, trainLoss, validLoss, metrics, durationMs }: EpochRecord): Record<string, string> {
  const numbers = { trainLoss, ...(validLoss === undefined ? {} : { validLoss }), ...metrics };
  const seconds = Math.round(durationMs / 1000);
  return {
    epoch: String(epoch),
    ...Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [plainText(name), formatLoss(value)]),
    ),
    time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
  };
}

function lineOf(cells: readonly string[], names: readonly string[] = cells): string {
  return cells
    .map((cell, i) => paddedTo(`${cell}  `, Math.max(COLUMN, widthOf(names[i]!) + 2)))
    .join("")
    .trimEnd();
}
