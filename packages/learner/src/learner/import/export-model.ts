import type { EndingKind, ForwardContext, Graph, InputSpec, Model, ModelFile, Tensor } from "@lrfind/engine";
import {
  encodeModelFile,
  externalBytes,
  fileOfGraph,
  findEnding,
  GraphBuilder,
  withDynamicBatch,
} from "@lrfind/engine";
import {
  dtype as dtypeCheck,
  model as modelCheck,
  name as nameCheck,
  shape as shapeCheck,
  tensorCheck,
} from "@lrfind/engine/internal";
import { arrayOf, boolean, type Check, type Checks, either, func, integer } from "lrfind/core";
import { check, checkLearnerOptions } from "../checks.js";
import { LearnerError } from "../errors.js";
import type { TrainState } from "../state.js";
import { initialState } from "../state.js";
import { externalNameOf, sha1 } from "./external-name.js";

/** How to write a model. */
export interface ExportModelOptions {
  /** What goes in. Default: what the model says of itself, as an imported one does. */
  readonly inputs?: readonly InputSpec[];
  /** Names of the inputs. Default: the imported file's; else "input", or "input0", "input1", …. */
  readonly inputNames?: readonly string[];
  /** Name of the output. Default: the imported file's, else "output". */
  readonly outputName?: string;
  /** A batch size to fix. Default: any, where the model allows it. */
  readonly batchSize?: number;
  /** Puts the large tensors into a file of their own. Default: only where the model exceeds 2 GB. */
  readonly externalData?: boolean;
  /**
   * Name of that file, as the model refers to it, or a function from its SHA-1 to its name. Default:
   * "model.onnx.HASH.data", so that no model finds the data of another version under the name that it knows.
   */
  readonly externalName?: string | ((checksum: string) => string);
}

/** A model for inference. */
export interface ExportedModel {
  /** The bytes of the `.onnx` file. */
  readonly model: Uint8Array;
  /** The file that has to lie beside it, where there is one. */
  readonly external?: {
    readonly name: string;
    readonly bytes: Uint8Array;
    /** Hexadecimal SHA-1 of the bytes, which the model states. */
    readonly checksum: string;
  };
  /** The batch sizes that it takes: any, or one. */
  readonly batchSize: "any" | number;
  /** Shape of the output for one item. */
  readonly outputShape: readonly number[];
  /** What the model ends in, where its outputs are probabilities or their logarithms. */
  readonly ending?: EndingKind;
}

/** Protocol buffers end at 2 GiB; the graph needs some room. */
const MAX_BYTES = 2 ** 31 - 2 ** 24;
/** Two batch sizes make a line, the third checks it; without 1, which broadcasts. */
const PROBES = [2, 3, 5];

/**
 * Writes a model with its weights as a plain inference `.onnx`, which any ONNX Runtime runs.
 *
 * @param state - The weights. Default: those training starts from.
 * @throws {LearnerError} when the model does not say what goes in and `inputs` is not given, or it can be built for one
 *   batch size only and `batchSize` is not given.
 *
 * @example
 * ```ts
 * const { model } = await exportModel(learn.model, learn.state);
 * await writeFile("trained.onnx", model);
 * ```
 */
export async function exportModel(
  model: Model,
  state: Pick<TrainState, "tensors"> = checkedInitialState(model),
  options: ExportModelOptions = {},
): Promise<ExportedModel> {
  check("exportModel", "model", model, modelCheck);
  check("exportModel", "state", state, STATE);
  checkLearnerOptions("exportModel", options, OPTIONS);
  const { file, ...known } = await inferenceFile(model, state, options);
  const size = [...file.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (options.externalData ?? size > MAX_BYTES) {
    const bytes = externalBytes(file);
    const checksum = await sha1(bytes);
    const { externalName = (hash: string) => externalNameOf("model.onnx", hash) } = options;
    const name = typeof externalName === "string" ? externalName : externalName(checksum);
    check("exportModel", "what externalName returns", name, nameCheck);
    const { model: proto } = encodeModelFile(file, { externalName: name, checksum });
    return { model: proto, external: { name, bytes, checksum }, ...known };
  }
  return { model: encodeModelFile(file).model, ...known };
}

const STATE: Check = {
  expected: "a state",
  accepts: (value) => {
    const { tensors } = Object(value) as Partial<TrainState>;
    return (
      typeof tensors === "object" && tensors !== null && Object.values(tensors).every(tensorCheck.accepts)
    );
  },
  hint: () => "learn.state",
};
const INPUT: Check = {
  expected: "an input { dtype, itemShape }",
  accepts: (value) => {
    const { dtype, itemShape } = Object(value) as Partial<InputSpec>;
    return dtypeCheck.accepts(dtype) && shapeCheck.accepts(itemShape);
  },
};
const OPTIONS: Checks<ExportModelOptions> = {
  inputs: arrayOf(INPUT, { minLength: 1 }),
  inputNames: arrayOf(nameCheck),
  outputName: nameCheck,
  batchSize: integer({ min: 1 }),
  externalData: boolean,
  externalName: either(nameCheck, func),
};

function checkedInitialState(model: Model): TrainState {
  check("exportModel", "model", model, modelCheck);
  return initialState(model, 0);
}

async function inferenceFile(
  model: Model,
  { tensors }: Pick<TrainState, "tensors">,
  options: ExportModelOptions,
): Promise<{ readonly file: ModelFile } & Omit<ExportedModel, "model" | "external">> {
  const inputs = options.inputs ?? model.inputs;
  if (!inputs) {
    throw new LearnerError({
      where: "exportModel",
      expected: "a model that says what goes in",
      got: "one that does not",
      hint: 'the option inputs: [{ dtype: "float32", itemShape: [784] }]',
    });
  }
  const names = namesOf(model, inputs.length, options);
  const build = (batch: number) => inferenceGraph(model, tensors, inputs, names, batch);
  if (options.batchSize !== undefined) {
    const { graph, ...known } = await build(options.batchSize);
    return { file: fileOfGraph(graph), batchSize: options.batchSize, ...known };
  }
  const graphs: (Built & { readonly batch: number })[] = [];
  for (const batch of PROBES) graphs.push({ batch, ...(await build(batch)) });
  const file = withDynamicBatch(graphs);
  if (!file) {
    throw new LearnerError({
      where: "exportModel",
      expected: "a model whose graph depends on the batch size by linear shapes only",
      got: "another one",
      hint: "fixing one by the option batchSize",
    });
  }
  const { outputShape, ending } = graphs[0]!;
  return { file, batchSize: "any", outputShape, ...(ending ? { ending } : {}) };
}

/** A model's inference graph for one batch size. */
interface Built extends Pick<ExportedModel, "outputShape" | "ending"> {
  readonly graph: Graph;
}

interface Names {
  readonly inputs: readonly string[];
  readonly output: string;
}

function namesOf(model: Model, count: number, options: ExportModelOptions): Names {
  const own = model as Partial<{ inputNames: readonly string[]; outputName: string }>;
  const numbered = count === 1 ? ["input"] : Array.from({ length: count }, (_, i) => `input${i}`);
  return {
    inputs: options.inputNames ?? own.inputNames ?? numbered,
    output: options.outputName ?? own.outputName ?? "output",
  };
}

async function inferenceGraph(
  model: Model,
  tensors: TrainState["tensors"],
  inputs: readonly InputSpec[],
  names: Names,
  batch: number,
): Promise<Built> {
  if (names.inputs.length !== inputs.length) {
    const expected = `${inputs.length} inputNames, one per input`;
    throw new LearnerError({ where: "exportModel", expected, got: String(names.inputs.length) });
  }
  const types = inputs.map(({ dtype, itemShape }) => ({ dtype, shape: [batch, ...itemShape] }));
  await model.prepare?.(types);
  const g = new GraphBuilder();
  const values = types.map(({ dtype, shape }, i) => g.input(names.inputs[i]!, dtype, shape));
  const contents = (key: string): Tensor => {
    const found = tensors[key];
    if (!found)
      throw new LearnerError({ where: "exportModel", expected: `a state with "${key}"`, got: "none" });
    return found;
  };
  // Before the nodes, so that the weights keep their names whatever nodes are called.
  const named = (prefix: string, specs: readonly { readonly name: string }[]) =>
    new Map(specs.map(({ name }) => [name, g.constant(contents(`${prefix}:${name}`), name)]));
  const parameters = named("param", model.parameters);
  const buffers = named("buffer", model.buffers);
  const context: ForwardContext = {
    g,
    training: false,
    target: "cpu",
    parameter: (name) => parameters.get(name)!,
    buffer: (name) => buffers.get(name)!,
    isTrained: () => false,
    isHeld: () => true,
    updateBuffer: () => {},
    dropout: (x) => x,
  };
  // Nodes are often named like the model's output, which the scope keeps free.
  const prediction = g.scope("model", () => model.forward(context, values));
  const ending = findEnding(g, prediction)?.kind;
  const graph = g.build({ [names.output]: prediction }, { name: "inference" });
  return { graph, outputShape: prediction.shape.slice(1), ...(ending ? { ending } : {}) };
}
