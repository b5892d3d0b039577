import type { Hyper } from "@lrfind/engine";
import type { Check } from "lrfind/core";
import { describe, number } from "lrfind/core";
import type { Batch } from "../../data/index.js";
import { LearnerError } from "../errors.js";

const RATE = number({ min: 0 });
const SHARE = number({ min: 0, max: 1 });
const HYPER: { readonly [K in keyof Hyper]: Check } = {
  mom: number({ min: 0, below: 1 }),
  wd: number({ min: 0 }),
};

/** Whoever sets what a step is told may set it wrong: it is looked at before each step. */
const WHO = "to look at the callback or schedule that sets it";

/**
 * Checks the learning rates of a step.
 *
 * @throws {LearnerError} unless they are one finite rate from 0 up per parameter group.
 */
export function checkRates(where: string, lrs: readonly number[], groups: number): void {
  if (Array.isArray(lrs) && lrs.length === groups) {
    const wrong = lrs.findIndex((lr) => !RATE.accepts(lr));
    if (wrong < 0) return;
    // A schedule that is an async function, say: what it rejects with must not end the process after this refusal.
    for (const lr of lrs as readonly unknown[]) if (lr instanceof Promise) lr.catch(() => {});
    throw refusal(where, `lrs[${wrong}] to be ${RATE.expected}`, lrs[wrong]);
  }
  throw refusal(where, `lrs to be ${groups} learning rate(s), one per parameter group`, lrs);
}

/** Checks a step's momentum and weight decay. @throws {LearnerError} */
export function checkHyper(where: string, hyper: Hyper, { hint = WHO } = {}): void {
  for (const [name, check] of Object.entries(HYPER)) {
    const value = (hyper as Partial<Hyper> | null | undefined)?.[name as keyof Hyper];
    if (!check.accepts(value)) throw refusal(where, `${name} to be ${check.expected}`, value, hint);
  }
}

/** Checks that a step has mini-batches. @throws {LearnerError} */
export function checkBatches(where: string, batches: readonly Batch[]): void {
  const isBatch = (batch: Partial<Batch> | null) =>
    Array.isArray(batch?.inputs) && Array.isArray(batch?.targets) && isMix(batch);
  if (Array.isArray(batches) && batches.length > 0 && batches.every(isBatch)) return;
  throw refusal(where, "batches to be at least one mini-batch", batches);
}

/** Whether a mini-batch is mixed with one of as many targets, or with none. */
function isMix({ targets, mix }: Partial<Batch>): boolean {
  if (mix === undefined) return true;
  const { targets: others, share } = Object(mix) as Partial<NonNullable<Batch["mix"]>>;
  return Array.isArray(others) && others.length === targets?.length && SHARE.accepts(share);
}

function refusal(where: string, expected: string, value: unknown, hint = WHO): LearnerError {
  return new LearnerError({ where, expected, got: describe(value), hint });
}
