import type { Hyper } from "@lrfind/engine";
import type { Check } from "lrfind/core";
import { describe, didYouMean, number } from "lrfind/core";
import type { Batch } from "../../../data/index.js";
import { LearnerError } from "../../errors.js";

const RATE = number({ min: 0 });
const SHARE = number({ min: 0, max: 1 });
/** Those that every step has; others are the optimizer's. */
const ALWAYS: readonly string[] = ["mom", "wd"];
const SHARE_THAT_STAYS = number({ min: 0, below: 1 });
const LIMITS: Readonly<Record<string, Check>> = {
  mom: SHARE_THAT_STAYS,
  wd: number({ min: 0 }),
  sqrMom: SHARE_THAT_STAYS,
  eps: number({ min: 0 }),
};
const ANY = number({});

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

/**
 * Checks a step's hyper-parameters.
 *
 * @param own - Those that the optimizer has.
 * @throws {LearnerError} when momentum or weight decay is none, another has no value that can be used, or the optimizer has
 *   none of a name.
 */
export function checkHyper(where: string, hyper: Hyper, own: Hyper, { hint = WHO } = {}): void {
  const given = Object(hyper) as Readonly<Record<string, unknown>>;
  for (const name of new Set([...ALWAYS, ...Object.keys(given)])) {
    checkHyperName(where, name, own);
    const check = LIMITS[name] ?? ANY;
    if (!check.accepts(given[name]))
      throw refusal(where, `${name} to be ${check.expected}`, given[name], hint);
  }
}

/** Checks that the optimizer has a hyper-parameter. @throws {LearnerError} */
export function checkHyperName(where: string, name: string, own: Hyper): void {
  if (ALWAYS.includes(name) || Object.hasOwn(own, name)) return;
  const known = [...new Set([...ALWAYS, ...Object.keys(own)])];
  throw new LearnerError({
    where,
    expected: `a hyper-parameter of the optimizer (${known.join(", ")})`,
    got: JSON.stringify(name),
    hint:
      didYouMean(name, known) ?? (name.includes(".") ? "optFunc: chain(adam(), ema())" : known.join(", ")),
  });
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
