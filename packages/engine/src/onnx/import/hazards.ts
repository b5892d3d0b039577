import { arrayOf, type Check, type Problem, string } from "lrfind/core";
import { check, fileNode } from "../checks.js";
import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";

/** What is known of an input of a node before it runs. */
export type KnownInput = Pick<Tensor, "shape"> & Partial<Pick<Tensor, "data">>;

/** What is wrong with a node's inputs; undefined where nothing is. */
type Hazard = (
  node: FileNode,
  inputs: readonly (KnownInput | undefined)[],
) => Pick<Problem, "expected" | "got"> | undefined;

/**
 * Operators that ONNX Runtime 1.30 does not refuse where nothing can come out of them: a transform of no elements loops
 * for ever or ends the process. All others answer with an error, of 81 tried with sizes, steps and factors of zero, below
 * zero and beyond memory.
 */
const hazards: Readonly<Record<string, Hazard>> = {
  ConvTranspose: ({ attributes }) =>
    attributes["group"] === 0 ? { expected: "a group of 1 or more", got: "a group of 0" } : undefined,
  DFT: ({ attributes }, [x, length, axis]) => {
    const rank = x!.shape.length;
    const at = numberOf(axis) ?? -2;
    const size = x!.shape[at < 0 ? at + rank : at];
    if (size === undefined) return undefined;
    const isHalf = attributes["inverse"] === 1 && attributes["onesided"] === 1;
    const result = numberOf(length) ?? (isHalf ? 2 * (size - 1) : size);
    if (size > 0 && result > 0) return undefined;
    return { expected: "a transform of at least one element", got: `${result} of ${size} along axis ${at}` };
  },
  STFT: (_, [, step, window, length]) => {
    const size = numberOf(length) ?? window?.shape[0] ?? 1;
    if (size > 0 && (numberOf(step) ?? 1) > 0) return undefined;
    return {
      expected: "frames of at least one element and a step of at least one",
      got: `${size} and ${numberOf(step)}`,
    };
  },
};

const INPUT: Check = {
  expected: "an input { dtype, shape }, undefined where it is absent",
  accepts: (value) => value === undefined || Array.isArray(Object(value).shape),
};

/** Whether a node has to be looked at, by `refuseHazard`, before ONNX Runtime may run it. */
export function isHazardous(node: FileNode): boolean {
  check("isHazardous", "node", node, fileNode);
  const { opType, domain } = node;
  return domain === "" && Object.hasOwn(hazards, opType);
}

/**
 * Refuses a node that would hang or end the process.
 *
 * @param inputs - In the node's order; undefined where one is absent.
 * @throws {OnnxError} when there is such a fault. The message names the node.
 */
export function refuseHazard(
  node: FileNode,
  inputs: readonly (KnownInput | undefined)[],
  file: string,
): void {
  check("refuseHazard", "inputs", inputs, arrayOf(INPUT));
  check("refuseHazard", "file", file, string);
  const fault = isHazardous(node) ? hazards[node.opType]!(node, inputs) : undefined;
  if (fault === undefined) return;
  throw new OnnxError(
    { where: `"${file}": ${node.opType} (node "${node.name}")`, ...fault },
    {
      op: node.opType,
      node: node.name,
      shapes: inputs.map((input) => input?.shape ?? null),
    },
  );
}

function numberOf(input: KnownInput | undefined): number | undefined {
  const value = input?.data?.[0];
  return value === undefined ? undefined : Number(value);
}
