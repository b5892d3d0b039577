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
    /** Whether a plot is drawn in the terminal. @default true */
    readonly plot?: boolean;
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
