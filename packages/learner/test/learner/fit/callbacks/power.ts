import type { Callback, EpochRecord } from "../../../../src/learner/index.js";

/** Gives the epochs of a fit these validation losses. */
export function pretend(losses: readonly number[]): Callback {
  return {
    name: "pretend",
    order: -10,
    afterEpoch({ record, epoch }) {
      if (record) (record as { validLoss: EpochRecord["validLoss"] }).validLoss = losses[epoch]!;
    },
  };
}

/** Saves each epoch, and loses power after some. */
export function checkpoints(
  path: string,
  at: { readonly order: number; readonly dieAfter?: number },
): Callback {
  return {
    name: "checkpoints",
    order: at.order,
    async afterEpoch({ learner, epoch }) {
      await learner.save(path);
      if (epoch === at.dieAfter) throw new Error("power failure");
    },
  };
}
