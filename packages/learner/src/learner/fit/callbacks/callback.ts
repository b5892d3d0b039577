import type { Hyper } from "@lrfind/engine";
import { describe } from "lrfind/core";
import type { Batch } from "../../../data/index.js";
import { LearnerError } from "../../errors.js";
import type { EpochRecord } from "../epoch-record.js";
import type { FitHost } from "../host.js";
import type { CallbackState } from "./callback-state.js";

/** Where a fit is, as its callbacks see it. What is not readonly they may change. */
export interface FitLoop {
  /** The learner that trains. */
  readonly learner: FitHost;
  /** Epochs of this fit, those before `startEpoch` included. */
  readonly nEpoch: number;
  /** The epoch that this fit began with. */
  readonly startEpoch: number;
  /** 0-based epoch of this fit. */
  readonly epoch: number;
  /** 0-based optimizer step of this epoch. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** How much of the fit lies before this step: the steps before it, divided by all of them; in [0, 1]. */
  readonly position: number;
  readonly signal: AbortSignal | undefined;
  /** The mini-batches of this optimizer step: one, or as many as gradients are accumulated over. */
  batches: readonly Batch[];
  /** Learning rates of the next step, one per parameter group. */
  lrs: readonly number[];
  /** Momentum and weight decay of the next step. */
  hyper: Hyper;
  /** Loss of the last step, before its update; undefined until there is one. */
  readonly loss: number | undefined;
  /** What that loss is a mean over: items, elements or labels that count. */
  readonly weight: number | undefined;
  /** This epoch's record, once it is trained and validated. */
  readonly record: EpochRecord | undefined;
  /** Records of the finished epochs of this fit. */
  readonly records: readonly EpochRecord[];
}

/** A hook. What it throws ends the fit, which keeps the last finished step; a `Cancel` ends a part of it. */
export type Hook = (loop: FitLoop) => void | Promise<void>;

/** The places where callbacks are called, in the order of a fit. */
export const HOOKS = [
  "beforeFit",
  "beforeEpoch",
  "beforeTrain",
  "beforeBatch",
  "beforeStep",
  "afterStep",
  "afterBatch",
  "afterTrain",
  "beforeValidate",
  "afterValidate",
  "afterEpoch",
  "afterFit",
] as const;

/** Name of a hook. */
export type HookName = (typeof HOOKS)[number];

/**
 * Something that takes part in a fit.
 *
 * @example
 * ```ts
 * const halve: Callback = {
 *   name: "halve",
 *   beforeStep(loop) {
 *     if (loop.epoch > 2) loop.lrs = loop.lrs.map((lr) => lr / 2);
 *   },
 * };
 * await learn.fit(4, { cbs: [halve] });
 * ```
 *
 * Source: fastai's `Callback`.
 */
export interface Callback {
  readonly name: string;
  /**
   * Lower ones are called first, equal ones in the order given. The recorder has 50, schedules 60, trackers 70.
   * @default 0
   */
  readonly order?: number;
  /**
   * What of a step the callback still holds when the next one begins: its mini-batches, perhaps, or nothing. Where no
   * callback keeps them, later mini-batches are written over them, which saves their making.
   * @default "batches"
   */
  readonly keeps?: "batches" | "nothing";
  readonly beforeFit?: Hook;
  readonly beforeEpoch?: Hook;
  readonly beforeTrain?: Hook;
  /** The mini-batches are there and may be replaced. */
  readonly beforeBatch?: Hook;
  /** The last chance to change rates and hyper-parameters. */
  readonly beforeStep?: Hook;
  /**
   * The step is made and its loss known. Not called for a cancelled one, nor where no label of its mini-batches counts:
   * then there is nothing to step by.
   */
  readonly afterStep?: Hook;
  readonly afterBatch?: Hook;
  readonly afterTrain?: Hook;
  readonly beforeValidate?: Hook;
  readonly afterValidate?: Hook;
  /** The epoch's record is there, unless the epoch was cancelled. */
  readonly afterEpoch?: Hook;
  /** Not called when an error or an abort ends the fit. */
  readonly afterFit?: Hook;
  /** Called last however the fit ends, to release what the callback holds. */
  readonly finish?: Hook;
  /**
   * What the callback must remember for the fit to be resumed: plain data, as JSON has them. `Learner.save` puts it into
   * the checkpoint, under the callback's name. It may be asked in another callback's hook, before this one's turn:
   * where `afterEpoch` is still to come, `loop.record` is what it will be given.
   */
  state?(loop: FitLoop): unknown;
  /**
   * Takes back what `state` gave. Called after `beforeFit` in a fit with a `startEpoch` above 0, if the checkpoint that was
   * loaded, or this learner's last fit, has the state of a callback of this name. What it throws ends the fit.
   */
  restore?(state: unknown, loop: FitLoop): void | Promise<void>;
}

/** Calls the callbacks' hooks in their order, one after the other. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];

  constructor(callbacks: readonly Callback[]) {
    this.#callbacks = callbacks.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  async call(hook: HookName, loop: FitLoop): Promise<void> {
    for (const callback of this.#callbacks) await callback[hook]?.(loop);
  }

  /** What the callbacks remember, in their order; without those that remember nothing. @throws {LearnerError} */
  states(loop: FitLoop): CallbackState[] {
    return this.#callbacks.flatMap((callback) => {
      const { name } = callback;
      const state = plain(name, callback.state?.(loop));
      return state === undefined ? [] : [{ name, state }];
    });
  }

  /** Gives each callback its state back; callbacks of one name get theirs in their order. */
  async restore(states: readonly CallbackState[], loop: FitLoop): Promise<void> {
    const left = [...states];
    for (const callback of this.#callbacks) {
      if (!callback.restore) continue;
      const at = left.findIndex(({ name }) => name === callback.name);
      if (at < 0) continue;
      const [{ state }] = left.splice(at, 1) as [CallbackState];
      await callback.restore(state, loop);
    }
  }

  /** Calls every `finish`, then throws what the first failing one threw. */
  async finish(loop: FitLoop): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#callbacks) {
      try {
        await callback.finish?.(loop);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** A copy of a state as JSON gives it back: what changes afterwards does not change it. */
function plain(name: string, state: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(state);
  } catch (cause) {
    const where = `callback "${name}" state`;
    throw new LearnerError({ where, expected: "data that JSON can hold", got: describe(state) }, { cause });
  }
  return text === undefined ? undefined : JSON.parse(text);
}
