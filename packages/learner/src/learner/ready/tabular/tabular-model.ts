import type { Layer, LayerContext, Model, ParamGroup, Value } from "@lrfind/engine";
import {
  batchNorm1d,
  embedding,
  linBnDrop,
  modelOf,
  relu,
  sequential,
  sigmoidRange,
  tensor,
  wrappedNormalInit,
} from "@lrfind/engine";
import { arrayOf, boolean, type Checks, integer, required, tuple } from "lrfind/core";
import { checkLearnerOptions, dropProbability, drops, yRange as range, size, widths } from "../../checks.js";
import { LearnerError } from "../../errors.js";

/** Options of a model for tables. */
export interface TabularModelOptions {
  /** Widths of the hidden layers. Default: [200, 100]. */
  readonly layers?: readonly number[];
  /** Probability of dropping an element of the embeddings. Default: 0. */
  readonly embDrop?: number;
  /** Probability of dropping an element after each hidden layer, or one for each. Default: 0. */
  readonly ps?: number | readonly number[];
  /** Whether hidden layers have batch-norm. Default: true. */
  readonly useBn?: boolean;
  /** Whether continuous columns go through batch-norm first. Default: true. */
  readonly bnCont?: boolean;
  /** The interval of the outputs, for numbers that have one. Default: none. */
  readonly yRange?: readonly [low: number, high: number];
}

/** What goes into a model for tables, and comes out. */
export interface TabularSizes {
  /** For each categorical column the number of categories and the width of its embedding. */
  readonly embeddings: readonly (readonly [categories: number, width: number])[];
  /** Number of continuous columns. */
  readonly continuous: number;
  /** Number of outputs. */
  readonly outputs: number;
}

const SIZES: Checks<TabularSizes> = {
  embeddings: required(arrayOf(tuple(size, size))),
  continuous: required(integer({ min: 0 })),
  outputs: required(size),
};

/** The checks of a tabular model's options. */
export const TABULAR_OPTIONS: Checks<TabularModelOptions> = {
  layers: widths,
  embDrop: dropProbability,
  ps: drops,
  useBn: boolean,
  bnCont: boolean,
  yRange: range,
};

/**
 * A model for tables: an embedding for each categorical column, batch-norm for the continuous ones, then hidden layers
 * (linear, rectifier, batch-norm, dropout) and a linear output.
 *
 * Inputs: categories int32 [N, categorical columns] and numbers float32 [N, continuous columns], the one of no column
 * left out. Output [N, outputs]. Parameter groups "embeddings" (where there are any), "hidden" and "output". Embeddings
 * start normal with deviation 0.01, cut at two deviations.
 *
 * @throws {LearnerError} when there is no column, or `ps` has another length than `layers`.
 *
 * @example
 * ```ts
 * const sizes = { embeddings: [[4, 3], [3, 3]], continuous: 5, outputs: 2 } as const;
 * const model = tabularModel(sizes, { layers: [100, 50], ps: 0.1 });
 * ```
 *
 * Source: fastai's `TabularModel`; Guo and Berkhahn, Entity Embeddings of Categorical Variables (2016).
 */
export function tabularModel(sizes: TabularSizes, options: TabularModelOptions = {}): Model {
  checkLearnerOptions("tabularModel", sizes, SIZES);
  checkLearnerOptions("tabularModel", options, TABULAR_OPTIONS);
  const { embeddings, continuous, outputs } = sizes;
  const { layers = [200, 100], embDrop = 0, useBn = true, bnCont = true, yRange } = options;
  const ps = typeof options.ps === "object" ? options.ps : layers.map(() => (options.ps as number) ?? 0);
  if (ps.length !== layers.length) {
    throw new LearnerError({
      where: "tabularModel ps",
      expected: `${layers.length} probabilities, one per hidden layer`,
      got: String(ps.length),
    });
  }
  if (embeddings.length === 0 && continuous === 0) {
    throw new LearnerError({ where: "tabularModel", expected: "at least one input column", got: "none" });
  }
  const widths = [embeddings.reduce((sum, [, width]) => sum + width, continuous), ...layers];
  const hidden = layers.map((width, i) =>
    linBnDrop(widths[i]!, width, { bn: useBn, p: ps[i]!, act: relu(), linFirst: true }),
  );
  const normalizes = bnCont && continuous > 0;
  const names = embeddings.map((_, i) => `embeds.${i}`);
  const layer: Layer = {
    kind: "TabularModel",
    children: {
      ...Object.fromEntries(
        embeddings.map(([count, width], i) => [
          names[i]!,
          embedding(count, width, { weightInit: wrappedNormalInit(0.01) }),
        ]),
      ),
      ...(normalizes ? { bnCont: batchNorm1d(continuous) } : {}),
      layers: sequential(...hidden),
      output: linBnDrop(widths.at(-1)!, outputs, { bn: false }),
      ...(yRange ? { range: sigmoidRange(...yRange) } : {}),
    },
    forward(context, ...inputs) {
      const { g, child } = context;
      const parts: Value[] = [];
      if (names.length > 0) {
        const vectors = names.map((name, i) => child(name, columnOf(context, inputs[0]!, i)));
        parts.push(context.dropout(g.concat(vectors, 1), embDrop));
      }
      if (continuous > 0) {
        const numbers = inputs[names.length > 0 ? 1 : 0]!;
        parts.push(normalizes ? child("bnCont", numbers) : numbers);
      }
      const x = parts.length === 1 ? parts[0]! : g.concat(parts, 1);
      const y = child("output", child("layers", x));
      return yRange ? child("range", y) : y;
    },
  };
  const model = modelOf(layer);
  return { ...model, paramGroups: tabularGroups(model.parameters.map(({ name }) => name)) };
}

function tabularGroups(names: readonly string[]): ParamGroup[] {
  const of = (name: string) => ["embeds.", "output."].find((prefix) => name.startsWith(prefix));
  const groups = [
    { name: "embeddings", parameters: names.filter((name) => of(name) === "embeds.") },
    { name: "hidden", parameters: names.filter((name) => of(name) === undefined) },
    { name: "output", parameters: names.filter((name) => of(name) === "output.") },
  ];
  return groups.filter(({ parameters }) => parameters.length > 0);
}

/** Column `i` of indices [N, columns], as [N]. */
function columnOf({ g }: LayerContext, indices: Value, i: number): Value {
  return g.op("Gather", [indices, g.constant(tensor("int64", [], [i]))], { axis: 1 });
}
