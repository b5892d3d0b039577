import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import type { Attributes } from "../graph/graph.js";

/**
 * The inputs whose numbers, not only their shapes, decide the shapes of an operator's outputs, in ONNX's operator sets up
 * to 22. Operators that are not listed have outputs whose shapes follow from shapes and attributes.
 */
const shapeInputs: Readonly<Record<string, readonly number[]>> = {
  AffineGrid: [1],
  BlackmanWindow: [0],
  CenterCropPad: [1],
  Col2Im: [1, 2],
  Compress: [1],
  ConstantOfShape: [0],
  DFT: [1, 2],
  Expand: [1],
  HammingWindow: [0],
  HannWindow: [0],
  ImageDecoder: [0],
  MaxUnpool: [2],
  MelWeightMatrix: [0, 1],
  NonMaxSuppression: [0, 1, 2, 3, 4],
  NonZero: [0],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceLogSum: [1],
  ReduceLogSumExp: [1],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSum: [1],
  ReduceSumSquare: [1],
  Reshape: [1],
  Resize: [2, 3],
  SequenceAt: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  SplitToSequence: [1],
  Squeeze: [1],
  STFT: [1, 3],
  StringSplit: [0],
  Tile: [1],
  TopK: [1],
  Unique: [0],
  Unsqueeze: [1],
};

/** The indices of the inputs whose numbers decide the shapes of a node's outputs. */
export function shapeInputsOf(node: {
  readonly opType: string;
  readonly domain: string;
  readonly attributes: Attributes;
}): readonly number[] {
  if (node.domain !== "") return [];
  const indices = shapeInputs[node.opType] ?? [];
  // A region of interest scales the output in this mode alone.
  const isCrop = node.attributes["coordinate_transformation_mode"] === "tf_crop_and_resize";
  return node.opType === "Resize" && isCrop ? [1, ...indices] : indices;
}

/**
 * Refuses a node whose outputs have shapes that depend on the data: a graph has one shape for each value, so that it would
 * be right for some data only.
 *
 * @param constants - Names of the values that are constant or follow from shapes.
 * @throws {OnnxError} when a number that decides a shape is not among them. The message names it.
 */
export function refuseShapesOfData(node: FileNode, constants: ReadonlySet<string>, file: string): void {
  for (const index of shapeInputsOf(node)) {
    const name = node.inputs[index];
    if (!name || constants.has(name)) continue;
    throw new OnnxError(
      {
        where: `"${file}": ${node.opType} (node "${node.name}")`,
        expected: `input number ${index} ("${name}"), which decides the shape of its result, to be constant or to follow from shapes`,
        got: "one that depends on the data",
        hint: "exporting the model with that number fixed, or cutting it off before the node",
      },
      { op: node.opType, node: node.name },
    );
  }
}
