import type { Attributes, FileNode, ForwardContext, ImportPlan, Value } from "@lrfind/engine";
import { batchNormTraining, layerNormInputs, OnnxError, sizeOf } from "@lrfind/engine";
import type { ResolvedShapes } from "./resolve-shapes.js";

/** Adds an imported model's nodes to a graph, from its inputs to its prediction. */
export function emitModel(
  plan: ImportPlan,
  { types, constants }: ResolvedShapes,
  context: ForwardContext,
  inputs: readonly Value[],
): Value {
  const { g } = context;
  const parameters = new Set(plan.parameters.map(({ name }) => name));
  const buffers = new Set(plan.buffers.map(({ name }) => name));
  const values = new Map<string, Value>();
  plan.inputs.forEach(({ name, dtype }, i) => {
    values.set(name, g.cast(inputs[i]!, dtype!));
  });
  const lookUp = (name: string): Value => {
    const known = values.get(name);
    if (known) return known;
    const value = (() => {
      if (parameters.has(name)) return context.parameter(name);
      if (buffers.has(name)) return context.buffer(name);
      const contents = constants.get(name) ?? plan.file.initializers.get(name);
      if (!contents)
        throw new OnnxError({ where: `"${plan.file.file}"`, expected: `a value "${name}"`, got: "none" });
      return g.constant(contents, name);
    })();
    values.set(name, value);
    return value;
  };
  const statistics = new RunningStatistics(context);

  for (const node of plan.nodes) {
    if (node.outputs.every((name) => name === "" || plan.constants.has(name))) continue;
    const given = node.inputs.map((name) => (name === "" ? null : lookUp(name)));
    if (node.domain === "" && node.opType === "Dropout") {
      values.set(node.outputs[0]!, dropout(node, given, context));
      continue;
    }
    if (node.domain === "" && node.opType === "Identity") {
      values.set(node.outputs[0]!, given[0]!);
      continue;
    }
    if (node.opType === "BatchNormalization" && buffers.has(node.inputs[3]!)) {
      values.set(node.outputs[0]!, statistics.normalize(node, given as Value[]));
      continue;
    }
    const outputs = g.node(node.opType, near(node, given, context), node.attributes, {
      name: node.name,
      domain: node.domain,
      types: node.outputs.map((name) => (name === "" ? null : types.get(name)!)),
      ...(node.attributeTypes ? { attributeTypes: node.attributeTypes } : {}),
    });
    node.outputs.forEach((name, i) => {
      if (name !== "") values.set(name, outputs[i]!);
    });
  }
  return lookUp(plan.output);
}

/** The inputs of a node, those of a layer normalisation as the target computes it rightly. */
function near(
  { opType, domain, attributes, outputs }: FileNode,
  inputs: readonly (Value | null)[],
  { g, target }: ForwardContext,
): readonly (Value | null)[] {
  // The mean, where it is an output too, is that of the input itself.
  if (domain !== "" || opType !== "LayerNormalization" || outputs.length > 1) return inputs;
  return layerNormInputs(g, inputs, { axis: numberOf(attributes, "axis", -1), target });
}

/** Dropout with a mask that can be replayed. */
function dropout(node: FileNode, inputs: readonly (Value | null)[], context: ForwardContext): Value {
  const ratio = inputs[1];
  if (ratio && !ratio.constant) {
    throw new OnnxError(
      { where: `Dropout (node "${node.name}")`, expected: "a constant ratio", got: "a computed one" },
      {
        op: "Dropout",
        node: node.name,
      },
    );
  }
  return context.dropout(inputs[0]!, Number(ratio?.constant?.data[0] ?? 0.5));
}

/** Batch-norm whose running statistics are state: batch statistics in training, running ones else. */
class RunningStatistics {
  readonly #context: ForwardContext;
  readonly #latest = new Map<string, Value>();

  constructor(context: ForwardContext) {
    this.#context = context;
  }

  normalize(node: FileNode, inputs: readonly Value[]): Value {
    const { g, training, target, isHeld } = this.#context;
    const [x, scale, bias, mean, variance] = inputs as [Value, Value, Value, Value, Value];
    const epsilon = numberOf(node.attributes, "epsilon", 1e-5);
    if (!training || isHeld(node.inputs[3]!)) {
      return g.op("BatchNormalization", inputs, { epsilon }, { name: node.name });
    }
    const count = sizeOf(x.shape) / x.shape[1]!;
    if (count < 2) {
      throw new OnnxError(
        {
          where: `BatchNormalization (node "${node.name}")`,
          expected: "more than one value per channel in training",
          got: `[${x.shape.join(", ")}]`,
          hint: "larger mini-batches",
        },
        { op: "BatchNormalization", node: node.name, shapes: [x.shape] },
      );
    }
    const {
      y,
      mean: batchMean,
      variance: batchVariance,
    } = g.scope(node.name, () => batchNormTraining(g, x, scale, bias, { epsilon, target }));
    const keep = numberOf(node.attributes, "momentum", 0.9);
    this.#update(node.inputs[3]!, mean, batchMean, keep, 1);
    // PyTorch's running variance is the unbiased one.
    this.#update(node.inputs[4]!, variance, batchVariance, keep, count / (count - 1));
    return y;
  }

  #update(name: string, old: Value, batch: Value, keep: number, correction: number): void {
    const { g } = this.#context;
    // A layer that is used twice moves its statistics twice.
    const from = this.#latest.get(name) ?? old;
    const value = g.add(g.mul(from, keep), g.mul(batch, (1 - keep) * correction));
    this.#latest.set(name, value);
    this.#context.updateBuffer(name, value);
  }
}

function numberOf(attributes: Attributes, name: string, fallback: number): number {
  const value = attributes[name];
  return typeof value === "number" ? value : fallback;
}
