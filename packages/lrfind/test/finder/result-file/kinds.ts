import {
  edge,
  type LrFindGroupsResult,
  type LrFindResult,
  lrFind,
  minimum,
  slide,
  steep,
  suggester,
  valley,
} from "../../../src/finder/index.js";
import { fastaiCurves } from "../recorded.js";
import { ToyTrainer } from "../toy-trainer.js";

const suggestFuncs = [valley, slide, steep, minimum, edge] as const;
const paramGroups = ["body", "head"];

/** Plays back recorded losses, those of one curve per trial. */
function replay(...curves: readonly (readonly number[])[]): ToyTrainer {
  const trainer: ToyTrainer = new ToyTrainer({
    onStep: (step) => curves[(trainer.log.trials - 1) % curves.length]![step] ?? Number.NaN,
  });
  return trainer;
}

const recorded = fastaiCurves.slice(0, 3).map(({ loss }) => loss);
const mine = suggester("mine", ({ lr, loss }) => ({
  lr: lr[3]!,
  point: { lr: lr[3]!, loss: loss[3]! },
  tag: "NaN",
}));

/** A result of each kind of search. */
export const results: Readonly<Record<string, () => Promise<LrFindResult | LrFindGroupsResult>>> = {
  one: () => lrFind(replay(recorded[0]!), { suggestFuncs }),
  runs: () => lrFind(replay(...recorded), { suggestFuncs, runs: 3, seed: 4 }),
  each: () => lrFind(new ToyTrainer({ paramGroups }), { suggestFuncs, groups: "each" }),
  "runs-of-each": () => lrFind(new ToyTrainer({ paramGroups }), { suggestFuncs, groups: "each", runs: 2 }),
  "rates-by-group": () => lrFind(new ToyTrainer({ paramGroups }), { startLr: [1e-7, 1e-6] }),
  validation: () => lrFind(new ToyTrainer({ onValidate: () => 1 }), { lossOn: "validation", numIt: 12 }),
  "not-finite": () => lrFind(replay([2, 2.1, Number.POSITIVE_INFINITY]), { suggestFuncs }),
  nan: () => lrFind(replay([Number.NaN]), { suggestFuncs, runs: 2 }),
  empty: () => lrFind(new ToyTrainer(), { signal: AbortSignal.abort() }),
  "own-fields": () => lrFind(replay(recorded[1]!), { suggestFuncs: [mine, edge] }),
  named: () =>
    lrFind(Object.assign(new ToyTrainer(), { info: { name: "toy", parameters: 1, versions: { toy: "1" } } })),
};
