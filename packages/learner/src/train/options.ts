import { abortSignal, arrayOf, type Checks, func, integer, number, oneOf, string } from "lrfind/core";
import { COLUMN_KINDS, type ColumnKind } from "./columns/column-spec.js";

/** What `planData` and `trainData` are told; everything but the data may be left out. */
export interface TrainDataOptions {
  /** The column to predict. @default the one column called target, label, class, y, outcome, response or species */
  readonly target?: string;
  /** What is predicted: a class or a number. @default by the target's values */
  readonly task?: "classification" | "regression";
  /** What columns are, by name, where they are taken for something else. @default by their values */
  readonly types?: Readonly<Record<string, ColumnKind>>;
  /** Columns to leave out. @default those that cannot help: identifiers, constants */
  readonly ignore?: readonly string[];
  /** What separates fields. @default the one by which the lines have the same fields */
  readonly delimiter?: string;
  /** The file's encoding. @default what a byte order mark says, else UTF-8 */
  readonly encoding?: string;
  /** What stands before decimals, where a column does not tell. @default none: such a column is refused */
  readonly decimal?: "." | ",";
  /** Whether days or months come first in dates that do not tell. @default none: such a column is refused */
  readonly dates?: "dmy" | "mdy";
  /** Further texts that stand for a missing value. @default [] */
  readonly missing?: readonly string[];
  /** The part of the rows or images that is held out, in (0, 1). @default 0.2; folders called valid go before */
  readonly validPct?: number;
  /** Of the split, the batches and the initial weights. @default 42 */
  readonly seed?: number;
  /** Items in a mini-batch, at least 1. @default 32 (8 below 128 items to learn from, 16 below 400 images), 64 from 4,000, 256 from 16,000 */
  readonly batchSize?: number;
  /** Most epochs; a training ends early where the held-out loss stops falling. @default 10 to 40, by the number of items */
  readonly epochs?: number;
  /** Most seconds that the training may take, the search for the rate left out. @default no limit */
  readonly maxTime?: number;
  /** The peak learning rate; no search is made. @default what the search finds */
  readonly lr?: number;
  /** Widths of a table's hidden layers. @default [200, 100] */
  readonly layers?: readonly number[];
  /** Height and width that images are brought to, in pixels. @default 64, or less where the images are smaller */
  readonly imageSize?: number;
  /** Where the run is written. @default "lrfind-run" */
  readonly out?: string;
}

/** Their checks. */
export const TRAIN_DATA: Checks<TrainDataOptions> = {
  target: string,
  task: oneOf("classification", "regression"),
  types: {
    expected: `what columns are, by name: ${COLUMN_KINDS.join(", ")}`,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.values(value).every((kind) => (COLUMN_KINDS as readonly unknown[]).includes(kind)),
  },
  ignore: arrayOf(string),
  delimiter: string,
  encoding: string,
  decimal: oneOf(".", ","),
  dates: oneOf("dmy", "mdy"),
  missing: arrayOf(string),
  validPct: number({ above: 0, below: 1 }),
  seed: integer({ min: 0, max: 2 ** 32 - 1 }),
  batchSize: integer({ min: 1 }),
  epochs: integer({ min: 1 }),
  maxTime: number({ above: 0 }),
  lr: number({ above: 0 }),
  layers: arrayOf(integer({ min: 1 })),
  imageSize: integer({ min: 8, max: 2048 }),
  out: string,
};

/** Whom `trainData` tells what it does. */
export interface TrainHost {
  /** A line for people: what was understood, what is done, what came out. */
  say?(line: string): void;
  /** How far a part has come. */
  progress?(part: "search" | "training", done: number, total: number, detail: string): void;
  /** Ends the run; what was trained so far is kept. */
  readonly signal?: AbortSignal;
}

/** Its checks. */
export const TRAIN_HOST: Checks<TrainHost> = { say: func, progress: func, signal: abortSignal };
