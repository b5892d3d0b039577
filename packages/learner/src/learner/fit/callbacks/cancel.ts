import { LrfindError, oneOf, string } from "lrfind/core";
import { check } from "../../checks.js";

/** What a callback can end early. */
export type CancelScope = "batch" | "train" | "validate" | "epoch" | "fit";

/**
 * Thrown by a hook to end part of a fit early, as an expected outcome: the hooks that come after that part still run,
 * and `fit` resolves.
 *
 * @example
 * ```ts
 * const impatient: Callback = {
 *   name: "impatient",
 *   afterBatch({ loss }) {
 *     if (loss !== undefined && loss < 0.1) throw new Cancel("fit", "good enough");
 *   },
 * };
 * ```
 */
export class Cancel extends LrfindError {
  override readonly name = "Cancel";
  /** The part that ends. "train": the training half of an epoch. */
  readonly scope: CancelScope;
  /** Why, in a few words. */
  readonly reason: string;

  constructor(scope: CancelScope, reason = "no reason given") {
    check("Cancel", "scope", scope, SCOPES);
    check("Cancel", "reason", reason, string);
    super({
      where: "Cancel",
      expected: `a hook within the ${scope} to cancel it (${reason})`,
      got: "one outside of it",
    });
    this.scope = scope;
    this.reason = reason;
  }
}

const SCOPES = oneOf("batch", "train", "validate", "epoch", "fit");

/** Skips the rest of this optimizer step. @throws {Cancel} always. */
export function cancelBatch(reason?: string): never {
  throw new Cancel("batch", reason);
}

/** Ends the training half of this epoch; validation follows. @throws {Cancel} always. */
export function cancelTrain(reason?: string): never {
  throw new Cancel("train", reason);
}

/** Ends this epoch's validation; the epoch's record is without it. @throws {Cancel} always. */
export function cancelValidate(reason?: string): never {
  throw new Cancel("validate", reason);
}

/** Ends this epoch without validation; the next one follows. @throws {Cancel} always. */
export function cancelEpoch(reason?: string): never {
  throw new Cancel("epoch", reason);
}

/** Ends the fit; it resolves to the epochs finished so far. @throws {Cancel} always. */
export function cancelFit(reason?: string): never {
  throw new Cancel("fit", reason);
}
