import { arrayOf, type Check, type Checks, either, func, instanceOf, integer, string } from "lrfind/core";
import { check, checkModelFile, checkOnnxOptions } from "../checks.js";
import { OnnxError } from "../errors.js";
import type { FileNode, FileValue } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";
import { gradientRules, nonDifferentiable } from "../ops/gradients.js";
import { operatorsWith } from "../ops/traits.js";
import type { UpgradedFile } from "../ops/upgrades.js";
import { cutOutput } from "./cut.js";
import { constantValues, isRandom, nodesBehind } from "./known-values.js";
import type { ImportNote } from "./notes.js";
import { endsInProbabilities, foldedBatchNorm } from "./notes.js";
import type { ImportedParameter, ParameterFilter } from "./parameters.js";
import { findParameters, refuseWithoutGradient } from "./parameters.js";
import type { TensorSelection } from "./selection.js";
import { refuseShapesOfData } from "./shape-inputs.js";
import { resolveTies } from "./ties.js";

/** How to take a file apart. */
export interface PlanOptions {
  /** Name of the output that is the prediction. Default: the first. */
  readonly output?: string;
  /** Where to cut the model off; see `cutOutput`. Default: nowhere. */
  readonly cut?: string | number;
  /** Which float initialisers are trained: exactly these, or what a function says. Default: see `findParameters`. */
  readonly parameters?: ParameterFilter | TensorSelection;
  /** Float initialisers that are not trained, whatever they would be else. Default: none. */
  readonly buffers?: TensorSelection;
  /** By the name of an embedding's table, the row that stays as it is; null: none. Default: its only row of zeros. */
  readonly paddingIdx?: Readonly<Record<string, number | null>>;
}

/** A file taken apart: what is trained, what is state, what is constant, and the nodes to the prediction. */
export interface ImportPlan {
  readonly file: UpgradedFile;
  /** Those that the nodes use, in the file's order. */
  readonly inputs: readonly FileValue[];
  /** Name of the value that is the prediction. */
  readonly output: string;
  /** Those that lead to the prediction, in topological order. */
  readonly nodes: readonly FileNode[];
  /** In the order of their first use. */
  readonly parameters: readonly ImportedParameter[];
  /** Running statistics of batch-norm. */
  readonly buffers: readonly { readonly name: string; readonly contents: Tensor<"float32"> }[];
  /** Float tensors that could be trained and are not: buffers, settings, masks. */
  readonly fixed: readonly { readonly name: string; readonly contents: Tensor<"float32"> }[];
  /** Names of the values that depend on nothing but constants and shapes. */
  readonly constants: ReadonlySet<string>;
  readonly notes: readonly ImportNote[];
}

const selection: Check = arrayOf({
  expected: "a tensor's name or a pattern",
  accepts: (value) => typeof value === "string" || value instanceof RegExp,
});
const rowsByName: Check = {
  expected: "an object from names of tables to rows or null",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

const OPTIONS: Checks<PlanOptions> = {
  output: string,
  cut: either(string, integer({ min: 1 })),
  parameters: either(func, selection),
  buffers: selection,
  paddingIdx: rowsByName,
};

const branching = operatorsWith("branches");
const supportedDomains = new Set(["", "com.microsoft"]);
const quantized = /^(Q|q)uantize|^Dequantize|^DynamicQuantize|QLinear|Integer$/;

/**
 * Takes an upgraded file apart for training.
 *
 * @throws {OnnxError} when it holds what cannot be trained: control flow, quantised operators, operators of an
 *   unknown domain, random operators other than Dropout, shapes that depend on the data; or when its weights all lie
 *   behind an operator without a gradient, such as the ArgMax of a classifier.
 */
export function planImport(upgraded: UpgradedFile, options: PlanOptions = {}): ImportPlan {
  checkModelFile("planImport", upgraded);
  check("planImport", "upgraded.constants", upgraded.constants, instanceOf(Set));
  checkOnnxOptions("planImport", options, OPTIONS);
  const file = resolveTies(upgraded);
  const wanted = options.output ?? file.outputs[0]!.name;
  if (!file.outputs.some(({ name }) => name === wanted)) {
    throw new OnnxError({
      where: `"${file.file}"`,
      expected: `an output "${wanted}"`,
      got: `${file.outputs.map(({ name }) => `"${name}"`).join(", ")}`,
    });
  }
  const all = nodesBehind(file.nodes, [wanted]);
  const output = options.cut === undefined ? wanted : cutOutput(file, all, options.cut);
  const nodes = nodesBehind(all, [output]);
  for (const node of nodes) refuse(node, file.file);

  const buffers = findBuffers(file, nodes);
  const bufferNames = new Set(buffers.map(({ name }) => name));
  const found = findParameters(file, nodes, output, bufferNames, options);
  const { parameters, fixed } = found;
  const variable = new Set([...bufferNames, ...parameters.map(({ name }) => name)]);
  const constants = constantValues(
    nodes,
    new Set([...file.initializers.keys()].filter((name) => !variable.has(name))),
  );
  for (const node of nodes) refuseShapesOfData(node, constants, file.file);
  if (parameters.length === 0) refuseWithoutGradient(file, all, output);
  const notes = notesOn(file, nodes, parameters, constants, options.output === undefined);
  const ending = endsInProbabilities(nodes, output, (name) => file.initializers.get(name));
  if (ending) notes.push(ending);
  notes.push(...found.notes);
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const inputs = file.inputs.filter(({ name }) => used.has(name));
  return { file, inputs, output, nodes, parameters, buffers, fixed, constants, notes };
}

function refuse(node: FileNode, file: string): void {
  const where = `"${file}": ${node.opType} (node "${node.name}")`;
  const details = { op: node.opType, node: node.name };
  if (!supportedDomains.has(node.domain)) {
    throw new OnnxError(
      { where, expected: "operators of ONNX itself", got: `one of the domain "${node.domain}"` },
      details,
    );
  }
  if (branching.has(node.opType)) {
    throw new OnnxError(
      { where, expected: "a model without control flow", hint: "exporting it traced" },
      details,
    );
  }
  if (quantized.test(node.opType)) {
    throw new OnnxError(
      {
        where,
        expected: "float arithmetic",
        got: "a quantised operator",
        hint: "the model before quantisation",
      },
      details,
    );
  }
  if (isRandom(node.opType) && node.opType !== "Dropout") {
    throw new OnnxError(
      { where, expected: "no random operator but Dropout, for its numbers cannot be replayed" },
      details,
    );
  }
}

function findBuffers(file: UpgradedFile, nodes: readonly FileNode[]) {
  const names = nodes.flatMap((node) =>
    node.opType === "BatchNormalization" ? node.inputs.slice(3, 5) : [],
  );
  return [...new Set(names)].flatMap((name) => {
    const contents = file.initializers.get(name);
    return contents?.dtype === "float32" && !file.constants.has(name)
      ? [{ name, contents: contents as Tensor<"float32"> }]
      : [];
  });
}

function notesOn(
  file: UpgradedFile,
  nodes: readonly FileNode[],
  parameters: readonly ImportedParameter[],
  constants: ReadonlySet<string>,
  defaultOutput: boolean,
): ImportNote[] {
  const notes: ImportNote[] = [];
  const folded = foldedBatchNorm(nodes);
  if (folded) notes.push(folded);
  const names = file.outputs.map(({ name }) => name);
  if (defaultOutput && names.length > 1) {
    notes.push({
      kind: "severalOutputs",
      message: `the model has ${names.length} outputs and "${names[0]}" is taken for the prediction; give another by the option output`,
      names,
    });
  }
  if (parameters.length === 0) {
    notes.push({
      kind: "noParameters",
      message: "no float32 initialiser leads to the output: there is nothing to train",
      names: [],
    });
  }
  const known = new Set([...Object.keys(gradientRules), ...nonDifferentiable]);
  const active = new Set(parameters.map(({ name }) => name));
  for (const node of nodes) {
    if (node.outputs.every((name) => constants.has(name)) || !node.inputs.some((name) => active.has(name)))
      continue;
    for (const name of node.outputs) active.add(name);
    if (node.domain === "" && (known.has(node.opType) || node.opType === "Dropout")) continue;
    notes.push({
      kind: "notDifferentiable",
      message: `${node.opType} (node "${node.name}") has no gradient rule: what comes before it can only be trained frozen`,
      names: [node.name],
    });
  }
  return notes;
}
