/**
 * What the rest of the engine needs to know of an operator beside its shape, gradient and upgrade rule. Whoever asks, asks
 * for a trait, and keeps no list of operators:
 *
 * | trait | its result |
 * |---|---|
 * | `rearranges` | has each number of its first input once, in another shape, order or type |
 * | `copies` | has numbers of its first input, some perhaps several times or not at all |
 * | `picks` | has those of its first input that its second names |
 * | `joins` | has the numbers of all its inputs |
 * | `perElement` | is the same function of each number, or of each of a channel, of its first input |
 * | `slopes` | as that, with a number for each channel as its second input |
 * | `arithmetic` | is made of two inputs, number by number, by one of the four operations |
 * | `broadcasts` | is made of two inputs of shapes that are broadcast |
 * | `flatAtZero` | is as flat as its first input where that is zero |
 * | `sums` | is a sum of its inputs, or has them as parts |
 * | `random` | differs from run to run |
 * | `readsShape` | depends on its input's shape alone |
 * | `layer` | has weights among its inputs |
 * | `branches` | is that of a graph within the graph |
 */
export type OperatorTrait =
  | "rearranges"
  | "copies"
  | "picks"
  | "joins"
  | "perElement"
  | "slopes"
  | "arithmetic"
  | "broadcasts"
  | "flatAtZero"
  | "sums"
  | "random"
  | "readsShape"
  | "layer"
  | "branches";

const TRAITS: Readonly<Record<string, readonly OperatorTrait[]>> = {
  Abs: ["perElement"],
  Add: ["arithmetic", "broadcasts", "sums"],
  BatchNormalization: ["perElement"],
  Bernoulli: ["random"],
  Cast: ["rearranges"],
  Clip: ["perElement", "flatAtZero"],
  Concat: ["joins", "sums"],
  Conv: ["layer"],
  ConvTranspose: ["layer"],
  Div: ["arithmetic", "broadcasts"],
  Dropout: ["random"],
  Elu: ["perElement"],
  Equal: ["broadcasts"],
  Erf: ["perElement"],
  Exp: ["perElement"],
  Expand: ["copies"],
  Flatten: ["rearranges"],
  GRU: ["layer"],
  Gather: ["picks"],
  Gelu: ["perElement"],
  Gemm: ["layer"],
  Greater: ["broadcasts"],
  GreaterOrEqual: ["broadcasts"],
  HardSigmoid: ["perElement"],
  HardSwish: ["perElement"],
  Identity: ["rearranges", "perElement"],
  If: ["branches"],
  LSTM: ["layer"],
  LeakyRelu: ["perElement"],
  Less: ["broadcasts"],
  LessOrEqual: ["broadcasts"],
  Loop: ["branches"],
  MatMul: ["layer"],
  Max: ["broadcasts"],
  Mean: ["sums"],
  Min: ["broadcasts"],
  Mish: ["perElement"],
  Mul: ["arithmetic", "broadcasts"],
  Multinomial: ["random"],
  Neg: ["perElement"],
  PRelu: ["slopes"],
  Pow: ["broadcasts"],
  RNN: ["layer"],
  RandomNormal: ["random"],
  RandomNormalLike: ["random"],
  RandomUniform: ["random"],
  RandomUniformLike: ["random"],
  ReduceMax: ["flatAtZero"],
  ReduceMean: ["flatAtZero"],
  ReduceSum: ["flatAtZero"],
  Relu: ["perElement", "flatAtZero"],
  Reshape: ["rearranges"],
  Scan: ["branches"],
  Selu: ["perElement"],
  Shape: ["readsShape"],
  Sigmoid: ["perElement"],
  Size: ["readsShape"],
  Slice: ["copies"],
  Softplus: ["perElement"],
  Softsign: ["perElement"],
  Split: ["copies"],
  Sqrt: ["perElement", "flatAtZero"],
  Squeeze: ["rearranges"],
  Sub: ["arithmetic", "broadcasts"],
  Sum: ["sums"],
  Tanh: ["perElement"],
  Tile: ["copies"],
  Transpose: ["rearranges"],
  Unsqueeze: ["rearranges"],
};

/** The operators that have one of some traits. */
export function operatorsWith(...traits: readonly OperatorTrait[]): ReadonlySet<string> {
  return new Set(
    Object.keys(TRAITS).filter((opType) => traits.some((trait) => TRAITS[opType]!.includes(trait))),
  );
}
