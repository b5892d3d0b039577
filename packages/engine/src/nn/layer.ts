import { checkArgument, describe, OptionError } from "lrfind/core";
import type { Value } from "../onnx/index.js";
import { OnnxError } from "../onnx/index.js";
import { checkedSize, layer as layerCheck } from "./checks.js";
import type { Initializer } from "./initializers.js";
import type { BufferSpec, ForwardContext, Model, ParameterRole, ParameterSpec } from "./model.js";

/** A parameter of a layer, by its name within the layer. */
export interface LayerParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Rows, of dimension 0, that training leaves as they are. Default: none. */
  readonly fixedRows?: readonly number[];
  readonly initializer: Initializer;
}

/** A buffer of a layer, by its name within the layer. */
export interface LayerBuffer {
  readonly name: string;
  readonly shape: readonly number[];
  /** Value of every element at the start. */
  readonly fill: number;
}

/** What a layer may ask for in its forward pass: what a model may, by names that are the layer's own, and its children. */
export interface LayerContext extends ForwardContext {
  /** Runs a child layer. */
  child(name: string, ...inputs: readonly Value[]): Value;
}

/** A piece of a model: a function of values with named parameters, buffers and child layers. */
export interface Layer {
  /** What it is, such as "Conv2d". */
  readonly kind: string;
  readonly parameters?: readonly LayerParameter[];
  readonly buffers?: readonly LayerBuffer[];
  readonly children?: Readonly<Record<string, Layer>>;
  /** Whether it takes the lengths of its sequences as a second input; `sequential` hands them on to such layers. */
  readonly takesLengths?: boolean;
  forward(context: LayerContext, ...inputs: readonly Value[]): Value;
}

/**
 * Makes a model of a layer: parameters get full names ("features.0.weight") and initial values drawn from
 * (seed, name), so that they do not depend on the order in which layers are made.
 *
 * @throws {OptionError} when it is no layer (such as `resnet18` where `resnet18()` is meant), or one inside it is none.
 *
 * @example
 * ```ts
 * const model = modelOf(sequential(flatten(), linear(784, 10)));
 * model.parameters.map((p) => p.name); // ["1.weight", "1.bias"]
 * ```
 */
export function modelOf(layer: Layer): Model {
  const parameters: ParameterSpec[] = [];
  const buffers: BufferSpec[] = [];
  collect(layer, "", parameters, buffers);
  return {
    parameters,
    buffers,
    forward: (context, inputs) => run(layer, "", context, inputs),
  };
}

function collect(layer: Layer, prefix: string, parameters: ParameterSpec[], buffers: BufferSpec[]): void {
  checkArgument("modelOf", prefix === "" ? "layer" : `layer "${prefix.slice(0, -1)}"`, layer, layerCheck);
  for (const { name, shape, role, fixedRows, initializer } of layer.parameters ?? []) {
    const fullName = prefix + name;
    checkedSize(`modelOf: parameter "${fullName}"`, shape);
    parameters.push({
      name: fullName,
      shape,
      role,
      ...(fixedRows ? { fixedRows } : {}),
      initial: (seed) =>
        checkedInitial(fullName, shape, initializer(shape, { seed, stream: `init/${fullName}` })),
    });
  }
  for (const { name, shape, fill } of layer.buffers ?? []) {
    const size = checkedSize(`modelOf: buffer "${prefix}${name}"`, shape);
    buffers.push({ name: prefix + name, shape, initial: () => new Float32Array(size).fill(fill) });
  }
  for (const [name, child] of Object.entries(layer.children ?? {})) {
    collect(child, `${prefix}${name}.`, parameters, buffers);
  }
}

/** What an initializer made, checked: a function in its place was not called. */
function checkedInitial(name: string, shape: readonly number[], data: unknown): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (data instanceof Float32Array && data.length === size) return data;
  throw new OptionError({
    where: `initializer of "${name}"`,
    option: "initializer",
    expected: `a Float32Array of ${size} elements`,
    got: describe(data),
    received: data,
    ...(typeof data === "function" ? { hint: "calling the function that makes the initializer" } : {}),
  });
}

function run(layer: Layer, prefix: string, context: ForwardContext, inputs: readonly Value[]): Value {
  const { g } = context;
  return layer.forward(
    {
      ...context,
      parameter: (name) => context.parameter(prefix + name),
      buffer: (name) => context.buffer(prefix + name),
      isTrained: (name) => context.isTrained(prefix + name),
      isHeld: (name) => context.isHeld(prefix + name),
      updateBuffer: (name, value) => context.updateBuffer(prefix + name, value),
      child: (name, ...values) => {
        const child = layer.children?.[name];
        if (!child)
          throw new OnnxError({
            where: `layer ${layer.kind}`,
            expected: "one of its children",
            got: `"${name}"`,
          });
        return g.scope(name, () => run(child, `${prefix}${name}.`, context, values));
      },
    },
    ...inputs,
  );
}
