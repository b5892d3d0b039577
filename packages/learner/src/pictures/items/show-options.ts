import { abortSignal, type Checks, checkArgument, checkOptions, instanceOf, integer } from "lrfind/core";
import { DataLoader } from "../../data/index.js";
import { Learner } from "../../learner/index.js";

/** What to show of a learner's answers. */
export interface ShowOptions {
  /** Most items, an integer from 1 to 100. @default 9 */
  readonly maxN?: number;
  /** The items. @default the validation set */
  readonly loader?: DataLoader;
  /** Ends it, with its reason, between two mini-batches. */
  readonly signal?: AbortSignal;
}

/** The checks of what to show. */
export const SHOW: Checks<ShowOptions> = {
  maxN: integer({ min: 1, max: 100 }),
  loader: instanceOf(DataLoader),
  signal: abortSignal,
};

/** Throws where a learner's answers cannot be shown. */
export function checkShow(where: string, learn: unknown, options: ShowOptions): void {
  checkArgument(where, "learn", learn, instanceOf(Learner));
  checkOptions(where, options, SHOW);
}
