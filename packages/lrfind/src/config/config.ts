import type { RangeTestOptions } from "../finder/index.js";

/** Flags of the command by their names in camelCase, as `lrfind.config.ts` gives them where it is always the same. */
export interface LrfindConfig {
  /** Of `lrfind run`. */
  readonly run?: Omit<RangeTestOptions, "signal"> & {
    /** Names of suggesters; the first one's rate is the answer. @default ["valley", "slide", "steep", "minimum", "edge"] */
    readonly suggestFuncs?: readonly string[];
    /** How many range tests to average. @default 1 */
    readonly runs?: number;
    /** Whether parameter groups are swept together or each alone. @default "together" */
    readonly groups?: "together" | "each";
    /** The rate of groups that are not swept. @default 0 */
    readonly heldLr?: number;
    /** The folder that the result is written into. @default "lr-find" */
    readonly out?: string;
    /** Whether a plot is drawn in the terminal. @default true */
    readonly plot?: boolean;
  };
  /** Of `lrfind train`. */
  readonly train?: {
    /** The column to predict. @default the one called target, label, class, y, outcome or response */
    readonly target?: string;
    /** What columns are, by name. @default by their values */
    readonly types?: Readonly<Record<string, "number" | "category" | "date" | "text" | "ignore">>;
    /** Columns to leave out. @default identifiers and constants */
    readonly ignore?: readonly string[];
    /** Most epochs. @default 10 to 40, by the number of items */
    readonly epochs?: number;
    /** Most seconds that the training may take. @default no limit */
    readonly maxTime?: number;
    /** Items in a mini-batch. @default by the number of items */
    readonly batchSize?: number;
    /** Widths of a table's hidden layers. @default [200, 100] */
    readonly layers?: readonly number[];
    /** Height and width that images are brought to, in pixels. @default by the images */
    readonly imageSize?: number;
    /** The part of the rows that is held out, in (0, 1). @default 0.2 */
    readonly validPct?: number;
    /** Of the split, the batches and the initial weights. @default 42 */
    readonly seed?: number;
    /** What separates fields. @default by the lines */
    readonly delimiter?: string;
    /** The file's encoding. @default by its byte order mark, else UTF-8 */
    readonly encoding?: string;
    /** What stands before decimals, where a column does not tell. @default none */
    readonly decimal?: "." | ",";
    /** Whether days or months come first, where dates do not tell. @default none */
    readonly dates?: "dmy" | "mdy";
    /** Further texts that stand for a missing value. @default [] */
    readonly missing?: readonly string[];
    /** Where the run is written. @default "lrfind-run" */
    readonly out?: string;
  };
  /** Of `lrfind suggest`. */
  readonly suggest?: {
    /** Names of suggesters; the first one's rate is the answer. @default ["valley", "slide", "steep", "minimum", "edge"] */
    readonly suggestFuncs?: readonly string[];
    /** The column with the learning rate. @default by its name */
    readonly lr?: string;
    /** The column with the loss, or a sum of several. @default by its name */
    readonly loss?: string;
    /** The column that numbers the steps. @default by its name */
    readonly step?: string;
    /** Whose smoothing the losses bear. @default "auto" */
    readonly smoothing?: "auto" | "none" | "lightning" | "fastai" | "torch-lr-finder";
    /** How the rates were logged, where they were not. @default none */
    readonly rates?: {
      readonly from: number;
      readonly to: number;
      /** @default "exponential" */
      readonly sweep?: "exponential" | "linear";
    };
    /** Larger files are refused, in megabytes. @default 64 */
    readonly maxSize?: number;
    /** Whether a plot is drawn in the terminal. @default true */
    readonly plot?: boolean;
  };
  /** Of `lrfind predict`. */
  readonly predict?: {
    /** The form of predictions. @default "csv" */
    readonly format?: "csv" | "jsonl";
    /** What separates fields. @default by the lines */
    readonly delimiter?: string;
    /** The file's encoding. @default by its byte order mark, else UTF-8 */
    readonly encoding?: string;
  };
  /** Of `lrfind sweep`. */
  readonly sweep?: {
    /** Where sweeps are kept. @default "lrfind-sweep" */
    readonly out?: string;
    /** Jobs at a time. @default the cores over the threads of a job */
    readonly workers?: number;
    /** Most seconds that a sweep may take. @default no limit */
    readonly maxTime?: number;
    /** Whether jobs that failed before are done again. @default false */
    readonly retryFailed?: boolean;
    /** The address of a Redis server with a queue that `lrfind worker` does the jobs of. @default none */
    readonly redis?: string;
    /** The queue's name. @default "lrfind" */
    readonly queue?: string;
    /** Whether the jobs go to a cluster with Slurm. @default false */
    readonly slurm?: boolean;
    /** What else `sbatch` is told. @default none */
    readonly slurmArg?: readonly string[];
    /** The address of a Ray cluster's dashboard. @default none */
    readonly ray?: string;
    /** The file, beside the spec, that pins what was found; false: none. @default "lrfind.lock.json" */
    readonly lock?: string | false;
  };
  /** Of `lrfind worker`. */
  readonly worker?: {
    /** The address of the Redis server with the queue. */
    readonly redis?: string;
    /** The queue's name. @default "lrfind" */
    readonly queue?: string;
    /** The project's folder. @default the current one */
    readonly from?: string;
    /** Jobs at a time. @default the cores over the threads of a job */
    readonly workers?: number;
    /** Threads of a job, for the default of `workers`. @default 1 */
    readonly threads?: number;
  };
  /** Of `lrfind report`. */
  readonly report?: {
    /** The page. @default "report.html" */
    readonly out?: string;
    /** Its heading. @default by what it shows */
    readonly title?: string;
    /** Larger files are refused, in megabytes. @default 512 */
    readonly maxSize?: number;
  };
}

/**
 * Gives a configuration back as it is, with its types: the default export of `lrfind.config.ts` in the folder where the
 * command is run.
 *
 * A flag on the command line goes before what the configuration says, which goes before the default.
 *
 * @example
 * ```ts
 * import { defineConfig } from "lrfind/config";
 *
 * export default defineConfig({ run: { numIt: 200, suggestFuncs: ["edge", "valley"] } });
 * ```
 */
export function defineConfig(config: LrfindConfig): LrfindConfig {
  return config;
}
