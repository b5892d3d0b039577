import { readFileSync } from "node:fs";
import type { DType, Tensor } from "../../src/onnx/index.js";
import { tensor } from "../../src/onnx/index.js";
import { values } from "../onnx/numeric.js";

/** A layer as PyTorch ran it; see packages/engine/test/fixtures/torch/nn.py. */
export interface TorchLayer {
  readonly name: string;
  readonly scale: number;
  readonly input: { readonly dtype: DType; readonly shape: readonly number[] };
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly gradient: readonly number[];
  }[];
  readonly output: { readonly shape: readonly number[]; readonly data: readonly number[] };
  readonly inputGradient: readonly number[] | null;
  readonly buffers: Readonly<Record<string, readonly number[]>>;
  readonly evaluation: readonly number[];
}

/** A loss as PyTorch worked it out. */
export interface TorchLoss {
  readonly name: string;
  readonly prediction: readonly number[];
  readonly loss: number;
  readonly gradient: readonly number[];
  readonly target: {
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  };
}

interface NnFixture {
  readonly layers: readonly TorchLayer[];
  readonly losses: readonly TorchLoss[];
  readonly models: Readonly<Record<string, readonly (readonly [string, readonly number[]])[]>>;
}

export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/torch/${name}.json`, import.meta.url), "utf8")) as T;
}

export const nnFixture = readFixture<NnFixture>("nn");

/** The value that the fixture's script gives to parameter `index`. */
export function parameterValue(index: number, shape: readonly number[], scale: number): Tensor<"float32"> {
  return scaled(values(shape, 10 + index), scale);
}

/** A tensor times a number that has no rounding of its own in the fixture's script. */
export function scaled(x: Tensor<"float32">, factor: number): Tensor<"float32"> {
  return { ...x, data: x.data.map((v) => v * factor) };
}

/** Indices 0, 7, 14, … modulo `count`. */
export function ramp(shape: readonly number[], count: number): Tensor<"int32"> {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    "int32",
    shape,
    Array.from({ length: size }, (_, i) => (i * 7) % count),
  );
}
