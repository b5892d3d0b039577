import type { EpochRecord } from "../epoch-record.js";
import { LearnerError } from "../errors.js";

/** Which measure to watch. */
export interface MonitorOptions {
  /**
   * "validLoss", "trainLoss", or a metric's name.
   * @default "validLoss"
   */
  readonly monitor?: string;
  /**
   * Whether smaller or larger is better. Default: smaller for what is a loss or an error by its name ("loss",
   * "error", "rmse", "mae", "perplexity"), larger for the rest.
   */
  readonly better?: "smaller" | "larger";
  /**
   * A change by less than this is none; from 0 up.
   * @default 0
   */
  readonly minDelta?: number;
}

const SMALLER_IS_BETTER = /loss|error|rmse|mae|perplexity/i;

/** Watches a measure of the epochs of a fit for improvements. */
export class Monitor {
  readonly name: string;
  readonly #smaller: boolean;
  readonly #minDelta: number;
  /** The best value yet. */
  best: number | undefined;

  constructor(options: MonitorOptions) {
    this.name = options.monitor ?? "validLoss";
    this.#smaller = options.better ? options.better === "smaller" : SMALLER_IS_BETTER.test(this.name);
    this.#minDelta = options.minDelta ?? 0;
  }

  /** Forgets the fit before. */
  reset(): void {
    this.best = undefined;
  }

  /**
   * Whether the epoch is better than all before it. NaN never is.
   *
   * @throws {LearnerError} when the epochs have no such measure.
   */
  improves(record: EpochRecord): boolean {
    const { trainLoss, validLoss, metrics } = record;
    const values: Record<string, number | undefined> = { ...metrics, trainLoss, validLoss };
    const value = values[this.name];
    if (value === undefined) {
      throw new LearnerError({
        where: "monitor",
        expected: `one of ${Object.keys(values)
          .filter((name) => values[name] !== undefined)
          .join(", ")}`,
        got: `"${this.name}"`,
      });
    }
    if (Number.isNaN(value)) return false;
    const gain = this.best === undefined ? Infinity : this.#smaller ? this.best - value : value - this.best;
    if (!(gain > this.#minDelta)) return false;
    this.best = value;
    return true;
  }
}
