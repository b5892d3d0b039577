import { OnnxError } from "../errors.js";
import type { Attribute, Attributes, AttributeType } from "./graph.js";

/**
 * The attributes of ONNX's own operators that hold floats, in operator sets 7 to 22 and in the forms that lrfind writes.
 * All others that hold numbers hold integers.
 *
 * Source: the operator schemas of ONNX 1.22 (`onnx.defs.get_all_schemas_with_history`).
 */
const floatAttributes: Readonly<Record<string, readonly string[]>> = {
  BatchNormalization: ["epsilon", "momentum"],
  Bernoulli: ["seed"],
  Celu: ["alpha"],
  Clip: ["max", "min"],
  Constant: ["value_float", "value_floats"],
  Dropout: ["ratio"],
  Elu: ["alpha"],
  Gemm: ["alpha", "beta"],
  GroupNormalization: ["epsilon"],
  GRU: ["activation_alpha", "activation_beta", "clip"],
  HardSigmoid: ["alpha", "beta"],
  InstanceNormalization: ["epsilon"],
  LayerNormalization: ["epsilon"],
  LeakyRelu: ["alpha"],
  LRN: ["alpha", "beta", "bias"],
  LSTM: ["activation_alpha", "activation_beta", "clip"],
  MaxRoiPool: ["spatial_scale"],
  Multinomial: ["seed"],
  Pad: ["value"],
  RandomNormal: ["mean", "scale", "seed"],
  RandomNormalLike: ["mean", "scale", "seed"],
  RandomUniform: ["high", "low", "seed"],
  RandomUniformLike: ["high", "low", "seed"],
  Resize: ["cubic_coeff_a", "extrapolation_value"],
  RNN: ["activation_alpha", "activation_beta", "clip"],
  RoiAlign: ["spatial_scale"],
  Selu: ["alpha", "gamma"],
  Shrink: ["bias", "lambd"],
  TfIdfVectorizer: ["weights"],
  ThresholdedRelu: ["alpha"],
  Upsample: ["height_scale", "scales", "width_scale"],
};

/** What is known of a node whose attributes are to be typed. */
export interface TypedAttributes {
  readonly opType: string;
  readonly domain: string;
  readonly attributes: Attributes;
  /** Types that are known, of all attributes or some. */
  readonly attributeTypes?: Readonly<Record<string, AttributeType>> | undefined;
}

/**
 * The type that a node's attribute is written with: the one that its file or maker gave, else the one that ONNX's schema
 * gives. Where there is neither (operators of other domains), whole numbers are integers and others floats.
 *
 * @throws {OnnxError} when the value is not of that type.
 */
export function attributeType(node: TypedAttributes, name: string): AttributeType {
  const value = node.attributes[name]!;
  const type = node.attributeTypes?.[name] ?? schemaType(node, name, value);
  if (!fits(value, type)) {
    throw new OnnxError(
      {
        where: node.opType,
        expected: `attribute "${name}" to be of type ${type}`,
        got: JSON.stringify(value, plain),
      },
      { op: node.opType },
    );
  }
  return type;
}

function schemaType(node: TypedAttributes, name: string, value: Attribute): AttributeType {
  if (isCastTarget(node, name)) return "INT";
  if (typeof value === "string" || value instanceof Uint8Array) return "STRING";
  const list = Array.isArray(value);
  if (!list && typeof value === "object") return "TENSOR";
  const items = (list ? value : [value]) as readonly (number | string | Uint8Array)[];
  if (items.some((item) => typeof item !== "number")) return "STRINGS";
  const isFloat =
    node.domain === ""
      ? floatAttributes[node.opType]?.includes(name)
      : !items.every((item) => Number.isInteger(item));
  return isFloat ? (list ? "FLOATS" : "FLOAT") : list ? "INTS" : "INT";
}

function fits(value: Attribute, type: AttributeType): boolean {
  const isText = (item: unknown) => typeof item === "string" || item instanceof Uint8Array;
  const all = (test: (item: unknown) => boolean) => Array.isArray(value) && value.every(test);
  switch (type) {
    case "FLOAT":
      return typeof value === "number";
    case "FLOATS":
      return all((item) => typeof item === "number");
    case "INT":
      // Element types go by their names; see isCastTarget.
      return Number.isInteger(value) || typeof value === "string";
    case "INTS":
      return all(Number.isInteger);
    case "STRING":
      return isText(value);
    case "STRINGS":
      return all(isText);
    case "TENSOR":
      return typeof value === "object" && "dtype" in value;
  }
}

/** Whether an attribute is the element type that Cast converts to, which is a name here and a number in a file. */
export function isCastTarget(
  node: { readonly opType: string; readonly domain: string },
  name: string,
): boolean {
  return name === "to" && node.opType === "Cast" && node.domain === "";
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
