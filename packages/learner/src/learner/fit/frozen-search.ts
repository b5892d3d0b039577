import type { LrFindOptions, SearchResult, Suggester, Trainer } from "lrfind";
import { lrFind } from "lrfind";

/**
 * Searches a learning rate for each group that is not frozen, while the frozen ones go along with the first of them:
 * their batch-norm parameters may be in training.
 *
 * @param trainer - All groups.
 * @param frozen - How many of the first groups are frozen.
 * @returns The result with a rate for every group in `lrs`, the frozen ones' being that of the first one searched.
 */
export async function lrFindUnfrozen<
  const Funcs extends readonly Suggester[],
  const Groups extends "together" | "each" = "together",
>(
  trainer: Trainer & { readonly paramGroups: readonly string[] },
  frozen: number,
  options: LrFindOptions<Funcs, Groups> | undefined,
): Promise<SearchResult<Funcs, Groups>> {
  if (frozen === 0 || options?.groups !== "each") return lrFind(trainer, options ?? {});
  const unfrozen: Trainer = {
    ...(trainer.info === undefined ? {} : { info: trainer.info }),
    paramGroups: trainer.paramGroups.slice(frozen),
    async startTrial(trialOptions) {
      const trial = await trainer.startTrial(trialOptions);
      return {
        ...(trial.validate ? { validate: () => trial.validate!() } : {}),
        step: (lr) => trial.step(typeof lr === "number" ? lr : forAll(lr, frozen)),
        [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
      };
    },
  };
  const result = await lrFind(unfrozen, options);
  return { ...result, lrs: result.lrs && forAll(result.lrs, frozen) };
}

function forAll(lrs: readonly number[], frozen: number): number[] {
  return [...new Array<number>(frozen).fill(lrs[0]!), ...lrs];
}
