import {
  arrayOf,
  type Check,
  checkArgument,
  describe,
  either,
  func,
  integer,
  made,
  number,
  OptionError,
  string,
  tuple,
} from "lrfind/core";

/** The most elements that a dimension can have: ONNX Runtime's CPU kernels count in 32 bits. */
const MAX_SIZE = 2 ** 31 - 1;

/** The most layers that an option can ask for: a number beyond it is a mistake that would fill the memory. */
const MAX_DEPTH = 1000;

/** A number of features, channels, classes, …: the size of a dimension. */
export const size: Check = integer({ min: 1, max: MAX_SIZE });

/** A number of layers. */
export const depth: Check = integer({ min: 1, max: MAX_DEPTH });

/** The probability of dropping an element. */
export const dropProbability: Check = number({ min: 0, below: 1 });

/** What is added to a variance or a root. */
export const epsilon: Check = number({ min: 0 });

/** A decay rate of a running mean. */
export const decayRate: Check = number({ min: 0, below: 1 });

/** A weight decay. */
export const weightDecay: Check = number({ min: 0 });

/** A size in one dimension. */
export function size1d({ min }: { readonly min: number }): Check {
  return integer({ min, max: MAX_SIZE });
}

/** A size for height and width alike, or one for each. */
export function size2d(interval: { readonly min: number }): Check {
  const one = size1d(interval);
  return { ...either(one, tuple(one, one)), expected: `${one.expected}, or two of them` };
}

/** A layer, as `linear(…)` makes one; neither the function that makes it nor a model. */
export const layer: Check = {
  ...made("a layer", ["forward"], "relu()"),
  accepts: (value) =>
    made("", ["forward"], "").accepts(value) &&
    typeof (value as { kind?: unknown }).kind === "string" &&
    (["parameters", "buffers"] as const).every((name) => {
      const parts = (value as { parameters?: unknown; buffers?: unknown })[name];
      return parts === undefined || layerParts.accepts(parts);
    }),
};

/** Parameters or buffers of a model. */
const specs: Check = arrayOf({
  expected: "a tensor's name, shape and first value",
  accepts: (value) => {
    const { name, shape, initial } = Object(value) as { name?: unknown; shape?: unknown; initial?: unknown };
    return typeof name === "string" && Array.isArray(shape) && typeof initial === "function";
  },
});

/** Parameters or buffers of a layer, if it has any. */
const layerParts: Check = arrayOf({
  expected: "a part of a layer",
  accepts: (value) => typeof (Object(value) as { name?: unknown }).name === "string",
});

/** A model, as `modelOf(…)` makes one. */
export const model: Check = {
  expected: "a model",
  accepts: (value) =>
    made("", ["forward"], "").accepts(value) &&
    specs.accepts((value as { parameters?: unknown }).parameters) &&
    specs.accepts((value as { buffers?: unknown }).buffers),
  hint(value) {
    if (typeof value === "function") return `modelOf(${value.name || "layer"}())`;
    return layer.accepts(value) ? "modelOf(layer)" : "modelOf(sequential(…))";
  },
};

/** A loss, as `crossEntropy()` makes one. */
export const lossFunc: Check = made("a loss", ["build"], "crossEntropy()");

/** An optimizer, as `adam()` makes one. */
export const optimizer: Check = {
  ...made("an optimizer", ["update", "scalars"], "adam()"),
  accepts: (value) =>
    made("", ["update", "scalars"], "").accepts(value) &&
    Array.isArray((value as { slots?: unknown }).slots) &&
    hasNumbers((value as { defaults?: unknown }).defaults, ["mom", "wd"]),
};

/** Functions that make gradient transforms, and are none themselves. */
const transformMakers = new Set<unknown>();

/** Remembers that a function makes gradient transforms, so that it is refused in the place of one. */
export function makesTransforms(make: (...args: never) => unknown): void {
  transformMakers.add(make);
}

/** A gradient transform, as `clipGradNorm(1)` makes one. */
export const gradientTransform: Check = {
  expected: "a gradient transform",
  accepts: (value) => func.accepts(value) && !transformMakers.has(value),
  hint(value) {
    if (!transformMakers.has(value)) return "clipGradNorm(1)";
    const { name, length } = value as { name: string; length: number };
    return `${name}(${length === 0 ? "" : "1"})`;
  },
};

const TRANSFORM_NAME = /^[a-zA-Z][a-zA-Z0-9]*$/;

/** A part of a chain: a gradient transform, a step's transform or an optimizer. */
export const chainPart: Check = {
  expected: "a gradient transform, an optimizer, or a transform of what it makes",
  accepts(value) {
    // A transform is told the builder and the gradients; what takes less makes one, or an optimizer.
    if (typeof value === "function") return gradientTransform.accepts(value) && value.length >= 2;
    if (optimizer.accepts(value)) return true;
    const { name, before, after, slots = [] } = Object(value) as Record<string, unknown>;
    return (
      typeof value === "object" &&
      typeof name === "string" &&
      TRANSFORM_NAME.test(name) &&
      arrayOf(string).accepts(slots) &&
      [before, after].some(func.accepts) &&
      [before, after].every((part) => part === undefined || func.accepts(part))
    );
  },
  hint(value) {
    if (transformMakers.has(value)) return gradientTransform.hint?.(value) as string;
    return typeof value === "function" ? `${value.name || "adam"}()` : "clipGradNorm(1), adam(), ema()";
  },
};

/** A metric: `accuracy` is one, `f1Score()` makes one. */
export const metric: Check = {
  ...made("a metric", ["start"], "accuracy"),
  accepts: (value) =>
    made("", ["start"], "").accepts(value) && typeof (value as { name?: unknown }).name === "string",
};

/** Functions that make initializers, and are no initializers themselves. */
const initializerMakers = new Map<unknown, string>();

/** Remembers that a function makes initializers, so that it is refused in the place of one. */
export function makesInitializers<Make extends (...args: never) => unknown>(make: Make): Make {
  initializerMakers.set(make, make.name);
  return make;
}

/** Makes the first value of a parameter. */
export const initializer: Check = {
  expected: "an initializer",
  accepts: (value) => func.accepts(value) && !initializerMakers.has(value),
  hint: (value) => (initializerMakers.has(value) ? `${initializerMakers.get(value)}(…)` : "kaimingNormal()"),
};

/** Throws unless channels fall into groups of equal size. */
export function checkGroups(where: string, groups: number, channels: Readonly<Record<string, number>>): void {
  for (const [option, received] of Object.entries(channels)) {
    if (received % groups === 0) continue;
    throw new OptionError({
      where,
      option,
      expected: `${option} to be a multiple of ${groups} groups`,
      got: String(received),
      received,
      hint: "a number of groups that divides it",
    });
  }
}

/** Throws unless each argument is the size of a dimension. */
export function checkSizes(where: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(sizes)) checkArgument(where, name, value, size);
}

/** Throws unless each is a layer. */
export function checkLayers(where: string, name: string, layers: readonly unknown[]): void {
  // By index: holes are undefined too.
  for (let i = 0; i < layers.length; i++) checkArgument(where, `${name}[${i}]`, layers[i], layer);
}

/** The number of elements of a parameter. @throws {OptionError} unless the shape is one that fits into memory. */
export function checkedSize(where: string, shape: unknown): number {
  const dims = Array.isArray(shape) ? (shape as unknown[]) : undefined;
  const elements = dims?.every((dim) => Number.isSafeInteger(dim) && (dim as number) >= 0)
    ? (dims as number[]).reduce((a, b) => a * b, 1)
    : Number.NaN;
  if (elements <= MAX_SIZE) return elements;
  throw new OptionError({
    where,
    option: "shape",
    expected: `shape to be whole numbers from 0 up, of at most ${MAX_SIZE} elements together`,
    got: describe(shape),
    received: shape,
  });
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    names.every((name) => Number.isFinite((value as Record<string, unknown>)[name]))
  );
}
