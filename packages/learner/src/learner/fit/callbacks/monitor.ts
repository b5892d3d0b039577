import { type Checks, describe, didYouMean, number, oneOf, string } from "lrfind/core";
import { LearnerError } from "../../errors.js";
import type { EpochRecord } from "../epoch-record.js";
import type { FitLoop } from "./callback.js";

/** Which measure to watch. */
export interface MonitorOptions {
  /**
   * "validLoss", "trainLoss", or a metric's name.
   * @default "validLoss"
   */
  readonly monitor?: string;
  /**
   * Whether smaller or larger is better. Default: what the metric says; smaller for losses. For a metric of your own that
   * does not say it, it must be given.
   */
  readonly better?: "smaller" | "larger";
  /**
   * A change by less than this is none; from 0 up.
   * @default 0
   */
  readonly minDelta?: number;
}

/** The checks of what to watch. */
export const MONITOR_OPTIONS: Checks<MonitorOptions> = {
  monitor: string,
  better: oneOf("smaller", "larger"),
  minDelta: number({ min: 0 }),
};

/** Watches a measure of the epochs of a fit for improvements. */
export class Monitor {
  readonly name: string;
  readonly #better: "smaller" | "larger" | undefined;
  readonly #minDelta: number;
  #smaller = true;
  /** The best value yet. */
  best: number | undefined;

  constructor(options: MonitorOptions) {
    this.name = options.monitor ?? "validLoss";
    this.#better = options.better;
    this.#minDelta = options.minDelta ?? 0;
  }

  /** What is to be remembered, as JSON holds it: infinities as texts. */
  state(): { readonly monitor: string; readonly best?: number | string } {
    const { name, best } = this;
    if (best === undefined) return { monitor: name };
    return { monitor: name, best: Number.isFinite(best) ? best : String(best) };
  }

  /**
   * Takes back what `state` gave.
   *
   * @throws {LearnerError} when it is something else, or of another measure: their values cannot be compared.
   */
  restore(state: unknown, where: string): void {
    const { monitor, best } = (state ?? {}) as { readonly monitor?: unknown; readonly best?: unknown };
    if (monitor !== this.name) {
      throw new LearnerError({
        where,
        expected: `the state of a tracker of "${this.name}"`,
        got: `that of one of ${describe(monitor)}`,
        hint: "the monitor that the fit had before it was interrupted",
      });
    }
    const isInfinite = best === "Infinity" || best === "-Infinity";
    if (best !== undefined && !isInfinite && !Number.isFinite(best)) {
      throw new LearnerError({ where, expected: "best to be a number", got: describe(best) });
    }
    this.best = best === undefined ? undefined : Number(best);
  }

  /**
   * Forgets the fit before, and finds out which way is better.
   *
   * @throws {LearnerError} when the epochs will have no such measure, or nobody says which way is better.
   */
  reset({ learner }: Pick<FitLoop, "learner">): void {
    this.best = undefined;
    const measures: { readonly name: string; readonly better?: "smaller" | "larger" }[] = [
      { name: "trainLoss", better: "smaller" },
      ...(learner.dls.valid ? [{ name: "validLoss", better: "smaller" } as const, ...learner.metrics] : []),
    ];
    const names = measures.map(({ name }) => name);
    const found = measures.find(({ name }) => name === this.name);
    if (!found) {
      const isHeldOut =
        !learner.dls.valid &&
        [...learner.metrics, { name: "validLoss" }].some((measure) => measure.name === this.name);
      throw new LearnerError({
        where: "monitor",
        expected: `one of ${names.join(", ")}`,
        got: `"${this.name}"${isHeldOut ? " without a validation set" : ""}`,
        hint: isHeldOut ? "data loaders with a validation set" : didYouMean(this.name, names),
      });
    }
    const better = this.#better ?? found.better;
    if (better !== "smaller" && better !== "larger") {
      throw new LearnerError({
        where: "monitor",
        expected: `better to be "smaller" or "larger", as the metric "${this.name}" does not say`,
        got: describe(better),
        hint: `{ monitor: ${JSON.stringify(this.name)}, better: "smaller" }, or the field better of the metric`,
      });
    }
    this.#smaller = better === "smaller";
  }

  /** The epoch's value; undefined where its validation was cancelled. */
  valueOf({ trainLoss, validLoss, metrics }: EpochRecord): number | undefined {
    const values: Record<string, number | undefined> = { ...metrics, trainLoss, validLoss };
    return values[this.name];
  }

  /** Whether the epoch is better than all before it. NaN never is, nor an epoch without a value. */
  improves(record: EpochRecord): boolean {
    const value = this.valueOf(record);
    if (value === undefined || Number.isNaN(value)) return false;
    const gain = this.best === undefined ? Infinity : this.#smaller ? this.best - value : value - this.best;
    if (!(gain > this.#minDelta)) return false;
    this.best = value;
    return true;
  }
}
