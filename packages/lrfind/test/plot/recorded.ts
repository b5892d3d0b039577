import { readFileSync } from "node:fs";
import { type Curve, edge, lrFind, minimum, slide, steep, suggest, valley } from "../../src/finder/index.js";
import type { PlottableFinding } from "../../src/plot/index.js";

const ALL = [valley, slide, steep, minimum, edge] as const;

interface RecordedCurve extends Pick<Curve, "numIt" | "lr"> {
  readonly name: string;
  readonly loss: readonly (number | string)[];
  readonly smoothed: readonly (number | string)[];
}

const file = new URL("../fixtures/fastai-suggestions.json", import.meta.url);
const recorded: readonly RecordedCurve[] = JSON.parse(readFileSync(file, "utf8")).curves;

/** The curve of a real range test. */
export function curveOf(name: string): Curve {
  const found = recorded.find((curve) => curve.name === name);
  if (found === undefined) throw new Error(`no recorded curve "${name}"`);
  const { numIt, lr } = found;
  const stop = lr.length < numIt ? "diverged" : "completed";
  return { numIt, stop, lr, loss: found.loss.map(Number), smoothed: found.smoothed.map(Number) };
}

/** A curve with what the five suggesters say of it. */
export function resultOf(curve: Curve): PlottableFinding {
  return { curve, suggestions: suggest(curve, { suggestFuncs: ALL }) };
}

/** A real result over several runs, from a trainer that plays recorded losses back. */
export function replayedRuns(names: readonly string[]): Promise<PlottableFinding> {
  let next = 0;
  const trainer = {
    async startTrial() {
      const losses = curveOf(names[next++ % names.length]!).loss;
      let step = 0;
      return {
        step: async () => losses[step++] ?? Number.NaN,
        async [Symbol.asyncDispose]() {},
      };
    },
  };
  return lrFind(trainer, { runs: names.length, suggestFuncs: ALL });
}

const flat = (length: number, loss: number): Curve => ({
  numIt: 100,
  stop: "aborted",
  lr: Array.from({ length }, (_, i) => 1e-7 * 10 ** (i / 12.5)),
  loss: Array(length).fill(loss),
  smoothed: Array(length).fill(loss),
});

const shifted = (curve: Curve, by: number): Curve => ({
  ...curve,
  loss: curve.loss.map((loss) => loss + by),
  smoothed: curve.smoothed.map((loss) => loss + by),
});

/** Five suggestions within a tenth of a decade. */
const crowded = Object.fromEntries(
  ALL.map(({ name }, i) => [name, { lr: 0.003 * 1.05 ** i, point: { lr: 0.003 * 1.05 ** i, loss: 2 } }]),
);

/** What every renderer is shown, by name. */
export async function pictureCases(): Promise<Readonly<Record<string, PlottableFinding>>> {
  return {
    diverged: resultOf(curveOf("fm_mlp_sgd-seed0")),
    completed: resultOf(curveOf("letter_mlp_adamw-seed0")),
    "blown-up": resultOf(curveOf("letter_deep_sgd-seed0")),
    negative: resultOf(shifted(curveOf("diam_tab_sgd-seed1"), -3)),
    crowded: { curve: curveOf("fm_cnn_adam-seed3"), suggestions: crowded },
    runs: await replayedRuns([0, 1, 2].map((seed) => `fm_cnnbn_sgd-seed${seed}`)),
    empty: resultOf(flat(0, 0)),
    "one-point": resultOf(flat(1, 2.3)),
    "two-points": resultOf(flat(2, 2.3)),
    "all-nan": resultOf({ ...flat(40, Number.NaN), stop: "nonFinite" }),
    flat: resultOf({ ...flat(100, 0.7), stop: "completed" }),
  };
}
