import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";
import { isFloat } from "../graph/tensor.js";
import { nonDifferentiable } from "../ops/gradients.js";
import { operatorsWith } from "../ops/traits.js";
import type { UpgradedFile } from "../ops/upgrades.js";
import { inputNormalization, isNamedLikeBuffer } from "./buffer-names.js";
import type { ImportNote } from "./notes.js";
import { PaddingRows } from "./padding-rows.js";
import type { TensorSelection } from "./selection.js";
import { selectedNames } from "./selection.js";
import { shapeInputsOf } from "./shape-inputs.js";

/** What an imported parameter is: normalisation and biases are not weight-decayed. */
export type ImportedRole = "weight" | "bias" | "norm";

/** A tensor of a file that is trained. */
export interface ImportedParameter {
  readonly name: string;
  readonly contents: Tensor<"float32">;
  readonly role: ImportedRole;
  /** Rows that stay as they are: padding's, of an embedding. */
  readonly fixedRows?: readonly number[];
}

/** Says for each float initialiser that could be trained whether it is to be; `byDefault` is what it would be else. */
export type ParameterFilter = (name: string, shape: readonly number[], byDefault: boolean) => boolean;

/** Inputs that are settings of an operator, not data that flows through it. */
const settings: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  CumSum: [1],
  Dropout: [1, 2],
  OneHot: [1, 2],
  Pad: [1, 2],
  Resize: [1, 2, 3],
};

const ends = new Set<string>(nonDifferentiable);
const norms = new Set([
  "BatchNormalization",
  "GroupNormalization",
  "InstanceNormalization",
  "LayerNormalization",
]);
const moves = operatorsWith("rearranges", "copies", "joins");

/** Which tensors of a file are trained, and which rows of them are not. */
export interface ParameterOptions {
  /** See `PlanOptions`. */
  readonly parameters?: ParameterFilter | TensorSelection;
  readonly buffers?: TensorSelection;
  readonly paddingIdx?: Readonly<Record<string, number | null>>;
}

/** What a file's float32 tensors are. */
export interface FoundParameters {
  readonly parameters: ImportedParameter[];
  /** Tensors that could be trained and are not. */
  readonly fixed: readonly { readonly name: string; readonly contents: Tensor<"float32"> }[];
  readonly notes: readonly ImportNote[];
}

/**
 * The tensors of a file that training changes: float32 initialisers that reach the output along operators with a
 * gradient. Not among them: Constant nodes, running statistics, settings such as Clip's bounds; and, unless the options
 * say so, single numbers that are not named like a parameter, tensors with infinities (masks), those named like a buffer
 * ("mean", "temperature") and those that normalise the inputs.
 *
 * @param nodes - Those that lead to the output.
 * @param statistics - Names of the running statistics.
 * @throws {OnnxError} when an option names a tensor that is not there, both ways, or a row that is not there.
 */
export function findParameters(
  file: UpgradedFile,
  nodes: readonly FileNode[],
  output: string,
  statistics: ReadonlySet<string>,
  options: ParameterOptions,
): FoundParameters {
  const reached = valuesOnTheWay(nodes, output);
  const consumers = consumersOf(nodes);
  const candidates = [...file.initializers].flatMap(([name, contents]) =>
    contents.dtype === "float32" && !file.constants.has(name) && !statistics.has(name) && reached.has(name)
      ? [{ name, contents: contents as Tensor<"float32"> }]
      : [],
  );
  const { isTrained, notes } = selector(file, nodes, candidates, options);
  const rows = new PaddingRows(file, nodes, options.paddingIdx ?? {}, candidates.filter(isTrained));
  const parameters = candidates.filter(isTrained).map(({ name, contents }): ImportedParameter => {
    const row = rows.of(name, contents);
    return {
      name,
      contents,
      role: roleOf(name, contents.shape, consumers),
      ...(row === undefined ? {} : { fixedRows: [row] }),
    };
  });
  // The order of use is the order of layers, which groups and summaries go by.
  const firstUse = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const input of node.inputs) if (!firstUse.has(input)) firstUse.set(input, i);
  });
  return {
    parameters: parameters.sort((a, b) => firstUse.get(a.name)! - firstUse.get(b.name)!),
    fixed: candidates.filter((candidate) => !isTrained(candidate)),
    notes: [...notes, ...rows.notes],
  };
}

type Candidate = FoundParameters["fixed"][number];

/** Which of the candidates are trained, and what is to be said of it. */
function selector(
  file: UpgradedFile,
  nodes: readonly FileNode[],
  candidates: readonly Candidate[],
  { parameters, buffers = [] }: ParameterOptions,
): { readonly isTrained: (candidate: Candidate) => boolean; readonly notes: readonly ImportNote[] } {
  const names = candidates.map(({ name }) => name);
  const kept = selectedNames(file.file, "buffers", buffers, names);
  const inputs = new Set(file.inputs.map(({ name }) => name));
  const normalization = inputNormalization(nodes, inputs, file.initializers);
  const isBuffer = (name: string) => isNamedLikeBuffer(name) || normalization.has(name);
  const couldBe = ({ name, contents }: Candidate) =>
    (contents.data.length > 1 || isNamedLikeParameter(file, name)) && contents.data.every(Number.isFinite);
  const byDefault = (candidate: Candidate) => couldBe(candidate) && !isBuffer(candidate.name);
  if (typeof parameters === "function") {
    const trained = new Set(
      candidates.flatMap((candidate) => {
        const { name, contents } = candidate;
        return parameters(name, contents.shape, byDefault(candidate)) && !kept.has(name) ? [name] : [];
      }),
    );
    return { isTrained: ({ name }) => trained.has(name), notes: [] };
  }
  if (parameters) {
    const trained = selectedNames(file.file, "parameters", parameters, names);
    const both = [...trained].find((name) => kept.has(name));
    if (both !== undefined) {
      throw new OnnxError({
        where: `"${file.file}"`,
        expected: `"${both}" among the parameters or the buffers`,
        got: "it in both",
        hint: "one of them",
      });
    }
    return { isTrained: ({ name }) => trained.has(name), notes: [] };
  }
  const guessed = candidates.filter((candidate) => couldBe(candidate) && !byDefault(candidate));
  const taken = guessed.map(({ name }) => name).filter((name) => !kept.has(name));
  const note: ImportNote = {
    kind: "buffers",
    message: `${taken.map((name) => `"${name}"`).join(", ")} ${taken.length === 1 ? "is" : "are"} taken for buffers, by name or as what normalises the input, and not trained; to train them say parameters: (name, shape, byDefault) => true, to keep quiet name them in buffers`,
    names: taken,
  };
  return {
    isTrained: (candidate) => byDefault(candidate) && !kept.has(candidate.name),
    notes: taken.length === 0 ? [] : [note],
  };
}

/**
 * Whether a single number is a parameter: PReLU's slope is called "…weight", and PyTorch gives its own parameters the
 * names of attributes ("logit_scale") where it writes the numbers of the code as Constant nodes or anonymously.
 */
function isNamedLikeParameter({ producer }: UpgradedFile, name: string): boolean {
  if (/(weight|bias|gamma|beta|slope|alpha)$/i.test(name)) return true;
  return (
    producer === "pytorch" && /^[A-Za-z_]\w*(\.\w+)*$/.test(name) && !/^(val|const|scalar)_?/i.test(name)
  );
}

/**
 * Refuses an output that gives no gradient to the weights behind it, such as the indices of the likeliest classes.
 *
 * @param nodes - Those that lead to the file's output.
 * @param output - The value that is the prediction.
 * @throws {OnnxError} when there are weights on the way, all of them behind operators at which gradients end.
 */
export function refuseWithoutGradient(file: UpgradedFile, nodes: readonly FileNode[], output: string): void {
  const isWeight = (name: string) => {
    const contents = file.initializers.get(name);
    return contents?.dtype === "float32" && contents.data.length > 1 && !file.constants.has(name);
  };
  if ([...valuesOnTheWay(nodes, output)].some(isWeight)) return;
  const behind = [...valuesBehind(nodes, output)];
  const weights = behind.filter(isWeight);
  const end = [...nodes]
    .reverse()
    .find((node) => isEnd(node) && node.outputs.some((name) => behind.includes(name)));
  const source = end?.inputs[0];
  if (weights.length === 0 || !end || !source) return;
  const other = file.outputs.find(
    ({ name }) => name !== output && [...valuesOnTheWay(file.nodes, name)].some(isWeight),
  );
  const hint = other ? `output: "${other.name}"` : `cut: "${source}", which is what it takes`;
  throw new OnnxError(
    {
      where: `"${file.file}"`,
      expected: "an output that gives its weights a gradient",
      got: `"${output}", which lies behind ${end.opType} (node "${end.name}"), as do all ${weights.length} weights`,
      hint,
    },
    { op: end.opType, node: end.name },
  );
}

/** All values that lead to the output, whether a gradient flows back to them or not. */
function valuesBehind(nodes: readonly FileNode[], output: string): Set<string> {
  const behind = new Set([output]);
  for (const node of [...nodes].reverse()) {
    if (node.outputs.some((name) => behind.has(name))) for (const name of node.inputs) behind.add(name);
  }
  return behind;
}

/** Whether no gradient flows through a node. */
function isEnd(node: FileNode): boolean {
  return (
    ends.has(node.opType) || (node.opType === "Cast" && !isFloat(node.attributes["to"] as Tensor["dtype"]))
  );
}

/** All values through which a gradient flows from the output. */
function valuesOnTheWay(nodes: readonly FileNode[], output: string): Set<string> {
  const reached = new Set([output]);
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => reached.has(name)) || isEnd(node)) continue;
    const skipped = [...(node.domain === "" ? (settings[node.opType] ?? []) : []), ...shapeInputsOf(node)];
    node.inputs.forEach((name, i) => {
      if (name !== "" && !skipped.includes(i)) reached.add(name);
    });
  }
  return reached;
}

interface Use {
  readonly node: FileNode;
  readonly index: number;
}

function consumersOf(nodes: readonly FileNode[]): Map<string, Use[]> {
  const consumers = new Map<string, Use[]>();
  for (const node of nodes) {
    node.inputs.forEach((name, index) => {
      const uses = consumers.get(name) ?? [];
      uses.push({ node, index });
      consumers.set(name, uses);
    });
  }
  return consumers;
}

/** What a parameter is, by the operator that uses it, behind operators that only move its elements. */
function roleOf(
  name: string,
  shape: readonly number[],
  consumers: ReadonlyMap<string, readonly Use[]>,
): ImportedRole {
  const isVector = shape.filter((dim) => dim !== 1).length <= 1;
  const queue = [...(consumers.get(name) ?? [])];
  const seen = new Set<FileNode>();
  for (let use = queue.shift(); use; use = queue.shift()) {
    const { node, index } = use;
    if (seen.has(node)) continue;
    seen.add(node);
    if (moves.has(node.opType)) {
      for (const output of node.outputs) queue.push(...(consumers.get(output) ?? []));
      continue;
    }
    if (norms.has(node.opType)) return "norm";
    if (/^(Conv|ConvTranspose|Gemm)$/.test(node.opType)) return index === 2 ? "bias" : "weight";
    if (/^(LSTM|GRU|RNN)$/.test(node.opType)) return index === 3 ? "bias" : "weight";
    if (isVector && (node.opType === "Mul" || node.opType === "Div")) return "norm";
    if (isVector && (node.opType === "Add" || node.opType === "Sub")) return "bias";
  }
  return "weight";
}
