import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DType, Tensor } from "../../../src/onnx/index.js";
import {
  decodeModel,
  encodeModelFile,
  OnnxError,
  OPSET,
  tensor,
  upgradeModel,
} from "../../../src/onnx/index.js";
import { onnxOperators } from "../../../src/onnx/ops/onnx-operators.js";
import { upgradeRules } from "../../../src/onnx/ops/upgrades.js";
import { createRawSession } from "../../../src/runtime/index.js";

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/onnx/${name}.json`, import.meta.url), "utf8")) as T;

interface Operator {
  readonly since: number;
  /** By operator set: what of the schema is other than before; nothing where it only lets more types in. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

interface PackedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface BackendTest {
  readonly name: string;
  readonly package: string;
  readonly op: string;
  readonly opset: number;
  readonly model: string;
  readonly inputs: readonly PackedTensor[];
  readonly outputs: readonly PackedTensor[];
}

const operators = read<Record<string, Operator>>("operator_changes");
const { cases } = read<{ cases: readonly BackendTest[] }>("backend_tests");

/** Changes of a schema that change no model from before, with the reason. */
const harmless: readonly (readonly [RegExp, string])[] = [
  [/^\+attribute .*: (INT 0|INTS absent|STRING none)$/, "a new attribute whose default is nothing"],
  [/^\+attribute (saturate|largest|sorted): INT 1$/, "says what was done before"],
  [/^\+attribute mode: STRING DCR$/, "DepthToSpace went column by column before"],
  [/^\+attribute keep_aspect_ratio_policy: STRING stretch$/, "the sizes were the result's before"],
  [/^\+attribute stash_type: INT 1$/, "float32 within: what ONNX Runtime does in any case"],
  [/^\+attribute axis: INT 1$/, "of quantisation by channel, which had one scale before"],
  [
    /^\+attribute (start: INT 0|end: INT absent|seed: INT absent|num_outputs: INT absent)$/,
    "absent: as before",
  ],
  [/^\+attribute value_.* absent$|^\+attribute sparse_value/, "further forms of a constant"],
  [/^attribute value: TENSOR required -> TENSOR absent$/, "further forms of a constant"],
  [/^inputs A B C -> A B C\?$|^inputs input -> input\?$|^outputs Y -> Y Indices\?$/, "may be absent now"],
  [/^inputs X roi scales sizes\? -> X roi\? scales\? sizes\?$/, "may be absent now"],
  [/^inputs data pads constant_value\? -> data pads constant_value\? axes\?$/, "a further input"],
  [
    /takes no tensor\((u?int\d+)\).*$/,
    "Erf of whole numbers, for which ONNX Runtime has no kernel in any set",
  ],
];

/** Operator sets until which an operator is refused, and where. */
const refusedWhile: Readonly<Record<string, string>> = {
  Scan: "decodeModel: control flow",
};

/** The operator set in which each rule's operator took its present form. */
const ruleAt: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [9, 14],
  Clip: [11],
  DFT: [20],
  Dropout: [10, 12],
  GridSample: [20],
  GroupNormalization: [21],
  Hardmax: [13],
  LogSoftmax: [13],
  Pad: [11],
  ReduceL1: [18],
  ReduceL2: [18],
  ReduceLogSum: [18],
  ReduceLogSumExp: [18],
  ReduceMax: [18],
  ReduceMean: [18],
  ReduceMin: [18],
  ReduceProd: [18],
  ReduceSum: [13],
  ReduceSumSquare: [18],
  Resize: [11, 13],
  RoiAlign: [16],
  Scatter: [11],
  Slice: [10],
  Softmax: [13],
  Split: [13, 18],
  Squeeze: [13],
  TopK: [10],
  Unsqueeze: [13],
  Upsample: [9, 10],
};

/** Rules that act on a form that an operator has in any set: constants, and what ONNX Runtime refuses. */
const ruleAlways = ["AveragePool", "Constant", "GRU", "LSTM", "MaxPool", "RNN"];

const changes = Object.entries(operators).flatMap(([op, { changes: of }]) =>
  Object.entries(of).map(([opset, lines]) => ({ op, opset: Number(opset), lines })),
);

describe("each change of an operator since operator set 7", () => {
  test.each(changes)("$op $opset is harmless, has a rule or is refused", ({ op, opset, lines }) => {
    const open = lines.filter((line) => !harmless.some(([pattern]) => pattern.test(line)));
    const isKnown = ruleAt[op]?.includes(opset) === true || op in refusedWhile;
    expect(open.length === 0 || isKnown, open.join("; ")).toBe(true);
  });

  test("each rule is of an operator that changed", () => {
    expect([...Object.keys(ruleAt), ...ruleAlways].sort()).toEqual(Object.keys(upgradeRules).sort());
    for (const [op, opsets] of Object.entries(ruleAt)) {
      for (const opset of opsets) expect(operators[op]!.changes, op).toHaveProperty(String(opset));
    }
  });

  test("each rule is held to a backend test of an operator set before", () => {
    for (const [op, opsets] of Object.entries(ruleAt)) {
      for (const opset of opsets) {
        const isHeld = cases.some((each) => each.op === op && each.opset < opset);
        expect(isHeld, `${op} before ${opset}`).toBe(true);
      }
    }
  });

  test("the operators that are read are those of ONNX", () => {
    expect([...onnxOperators].sort()).toEqual(Object.keys(operators).sort());
  });
});

function unpack({ dtype, shape, data }: PackedTensor): Tensor {
  const number = (value: number | string) =>
    typeof value === "number" ? value : Number(value.replace("inf", "Infinity"));
  return tensor(dtype, shape, data.map(number));
}

describe("ONNX's backend tests of older operator sets, upgraded", () => {
  test.each(cases)("$name of operator set $opset", async ({ model, inputs, outputs }) => {
    const bytes = Uint8Array.from(Buffer.from(model, "base64"));
    const upgraded = await decodeModel(bytes, { file: "case.onnx" }).then(
      upgradeModel,
      (error: unknown) => error,
    );
    if (upgraded instanceof Error) {
      // No text of ONNX Runtime: an error of ours, which names the node.
      expect(upgraded).toBeInstanceOf(OnnxError);
      expect(upgraded.message).toMatch(/^("case\.onnx": )?\w+ \(node ".*"\): expected /);
      return;
    }
    const file = upgraded as ReturnType<typeof upgradeModel>;
    expect(file.opset).toBe(OPSET);
    await using session = await createRawSession(encodeModelFile(file).model, { optimize: false });
    const results = await session.run(Object.fromEntries(inputs.map((each) => [each.name, unpack(each)])));
    for (const output of outputs) {
      const got = results[output.name]!;
      expect(got.dtype).toBe(output.dtype);
      expect(got.shape).toEqual(output.shape);
      const expected = Array.from(unpack(output).data as ArrayLike<number>, Number);
      const largest = Math.max(...expected.filter(Number.isFinite).map(Math.abs), 0);
      expected.forEach((want, i) => {
        const value = Number(got.data[i]);
        if (Object.is(value, want) || value === want) return;
        // Rounding of sums in float32, of terms as large as the largest; some tests state four digits.
        expect(Math.abs(value - want), `${output.name}[${i}]`).toBeLessThanOrEqual(1e-4 * largest + 1e-6);
      });
    }
  });
});
