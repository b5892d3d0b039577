import { expect, test } from "vitest";
import { minimum } from "../../../../lrfind/src/finder/index.js";
import { lrFindUnfrozen } from "../../../src/learner/fit/frozen-search.js";

/** A trainer of three groups whose loss is least at a rate of its own for each, and what its trials were told. */
function trainer(validates: boolean) {
  const rates: (number | readonly number[])[] = [];
  const log = { disposed: 0, validated: 0, options: [] as object[] };
  const best = [1e-4, 1e-3, 1e-2];
  return {
    log,
    rates,
    paramGroups: ["stem", "hidden", "head"],
    async startTrial(options: object) {
      log.options.push(options);
      let loss = 1;
      return {
        async step(lr: number | readonly number[]) {
          rates.push(lr);
          const each = typeof lr === "number" ? [lr, lr, lr] : lr;
          loss = each.reduce((sum, rate, i) => sum + Math.log(Math.max(rate, 1e-12) / best[i]!) ** 2, 0);
          return loss;
        },
        ...(validates
          ? {
              async validate() {
                log.validated++;
                return loss;
              },
            }
          : {}),
        async [Symbol.asyncDispose]() {
          log.disposed++;
        },
      };
    },
  };
}
const options = { suggestFuncs: [minimum], numIt: 20, stopDiv: false } as const;

test("frozen groups go along with the first one searched, in each step and in the result", async () => {
  for (const frozen of [1, 2]) {
    const given = trainer(false);
    const result = await lrFindUnfrozen(given, frozen, { ...options, groups: "each" });
    expect(result.groups!.map(({ group }) => group)).toEqual(given.paramGroups.slice(frozen));
    expect(result.lrs).toHaveLength(3);
    expect(result.lrs!.slice(0, frozen)).toEqual(new Array(frozen).fill(result.lrs![frozen]));
    expect(given.rates.length).toBeGreaterThanOrEqual(20 * (3 - frozen));
    for (const rates of given.rates) {
      if (typeof rates === "number") continue;
      expect(rates).toHaveLength(3);
      expect(rates.slice(0, frozen)).toEqual(new Array(frozen).fill(rates[frozen]));
    }
    expect(given.log.disposed).toBe(given.log.options.length);
    expect(given.log.validated).toBe(0);
  }
});

test("the validation loss is that of the trials, and trials are told what the search tells them", async () => {
  const given = trainer(true);
  const { signal } = new AbortController();
  await lrFindUnfrozen(given, 1, { ...options, groups: "each", lossOn: "validation", signal, runs: 2 });
  expect(given.log.validated).toBeGreaterThanOrEqual(40);
  expect(given.log.options.every((told) => "signal" in told)).toBe(true);
});

test("a search that finds nothing has no rates; one over all groups, or with none frozen, is lrFind's", async () => {
  const none = await lrFindUnfrozen(trainer(false), 1, {
    ...options,
    groups: "each",
    signal: AbortSignal.abort(),
  });
  expect(none.lrs).toBeNull();
  const together = trainer(false);
  const result = await lrFindUnfrozen(together, 2, options);
  expect(together.rates.every((rate) => typeof rate === "number")).toBe(true);
  expect(result).not.toHaveProperty("groups");
  const thawed = trainer(false);
  expect((await lrFindUnfrozen(thawed, 0, { ...options, groups: "each" })).groups).toHaveLength(3);
  expect(await lrFindUnfrozen(trainer(false), 1, undefined)).not.toHaveProperty("groups");
});
