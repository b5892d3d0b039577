import { checkArgument } from "lrfind/core";
import type { GraphBuilder, Target, Value } from "../../onnx/index.js";
import { OnnxError } from "../../onnx/index.js";
import { dropProbability } from "../checks.js";
import type { ForwardContext, MaskSpec, Model } from "../model.js";
import { slotName } from "./slots.js";

/** A forward context that gathers what the model asked for. */
export interface GraphContext extends ForwardContext {
  readonly parameters: ReadonlyMap<string, Value>;
  readonly buffers: ReadonlyMap<string, Value>;
  /** What buffers become. */
  readonly updates: ReadonlyMap<string, Value>;
  readonly masks: readonly MaskSpec[];
}

/** A forward context whose parameters, buffers and masks are inputs of the graph, made when first asked for. */
export function graphContext(
  g: GraphBuilder,
  model: Model,
  options: {
    readonly training: boolean;
    readonly target: Target;
    readonly trained: ReadonlySet<string>;
    readonly heldBuffers?: ReadonlySet<string>;
  },
): GraphContext {
  const parameterShapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]));
  const bufferShapes = new Map(model.buffers.map(({ name, shape }) => [name, shape]));
  const parameters = new Map<string, Value>();
  const buffers = new Map<string, Value>();
  const updates = new Map<string, Value>();
  const masks: MaskSpec[] = [];

  const declare = (
    made: Map<string, Value>,
    shapes: ReadonlyMap<string, readonly number[]>,
    kind: "param" | "buffer",
    name: string,
  ): Value => {
    const known = made.get(name);
    if (known) return known;
    const shape = shapes.get(name);
    if (!shape)
      throw new OnnxError({ where: "model", expected: `a ${kind} that it declares`, got: `"${name}"` });
    const value = g.input(slotName[kind](name), "float32", shape);
    made.set(name, value);
    return value;
  };

  return {
    g,
    training: options.training,
    target: options.target,
    parameters,
    buffers,
    updates,
    masks,
    parameter: (name) => declare(parameters, parameterShapes, "param", name),
    // A layer that is applied twice moves on from where its first application left its buffers.
    buffer: (name) => updates.get(name) ?? declare(buffers, bufferShapes, "buffer", name),
    isTrained: (name) => options.trained.has(name),
    isHeld: (name) => options.heldBuffers?.has(name) ?? false,
    updateBuffer: (name, value) => {
      updates.set(name, value);
    },
    dropout: (x, p) => {
      checkArgument("dropout", "p", p, dropProbability);
      if (!options.training || p === 0) return x;
      const mask: MaskSpec = { name: slotName.mask(masks.length), shape: x.shape, keepProb: 1 - p };
      masks.push(mask);
      return g.mul(x, g.input(mask.name, "float32", mask.shape));
    },
  };
}
