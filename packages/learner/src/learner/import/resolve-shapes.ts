import type { FileNode, ImportPlan, KnownInput, Tensor } from "@lrfind/engine";
import { isDType, isHazardous, refuseHazard } from "@lrfind/engine";
import { LearnerError } from "../errors.js";
import { fixedBatch, fixedBatchError, type InputType, probe } from "./probe.js";

/** What one run of a model tells about inputs of certain shapes. */
export interface ResolvedShapes {
  /** Of every value that depends on the data. */
  readonly types: ReadonlyMap<string, InputType>;
  /** Contents of the values that depend on shapes alone and that other nodes use. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * Finds the shapes of all intermediates of a model by running it once, every value an output, on zeros. That the shapes do
 * not depend on the data `planImport` has made sure of for ONNX's operators; a model with others is run on other numbers
 * too.
 *
 * @param inputs - Types of the model's inputs, for the batch size that is wanted.
 * @throws {LearnerError} when the inputs do not fit the file, it is made for another batch size, or shapes in it depend on
 *   the data.
 * @throws {OnnxError} when a node would hang or end the process.
 */
export async function resolveShapes(plan: ImportPlan, inputs: readonly InputType[]): Promise<ResolvedShapes> {
  checkInputs(plan, inputs);
  await refuseHazards(plan, inputs);
  const data = plan.nodes.filter((node) => !node.outputs.every((name) => plan.constants.has(name)));
  const used = new Set(data.flatMap((node) => node.inputs));
  const outputs = plan.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== "" && (!plan.constants.has(name) || used.has(name)));
  const results = await probe(plan, inputs, outputs);
  if (data.some(({ domain }) => domain !== "")) await compareShapes(plan, inputs, data, results);
  const types = new Map<string, InputType>();
  const constants = new Map<string, Tensor>();
  for (const name of outputs) {
    const result = results[name]!;
    if (!isDType(result.dtype)) {
      throw new LearnerError({
        where: `"${plan.file.file}"`,
        expected: `an element type that lrfind knows for "${name}"`,
        got: String(result.dtype),
        hint: "exporting the model in float32",
      });
    }
    if (plan.constants.has(name)) constants.set(name, result);
    else types.set(name, { dtype: result.dtype, shape: result.shape });
  }
  checkBatch(plan, inputs, types);
  return { types, constants };
}

/** Looks at what goes into nodes that would hang or end the process on some of it, before any of them runs. */
async function refuseHazards(plan: ImportPlan, inputs: readonly InputType[]): Promise<void> {
  for (const node of plan.nodes) {
    if (!isHazardous(node)) continue;
    const names = [...new Set(node.inputs)].filter((name) => name !== "");
    const known = new Map<string, KnownInput>();
    plan.inputs.forEach(({ name }, i) => {
      known.set(name, { shape: inputs[i]!.shape });
    });
    for (const name of names) {
      const contents = plan.file.initializers.get(name);
      if (contents) known.set(name, contents);
    }
    const made = names.filter((name) => !known.has(name));
    const results = made.length === 0 ? {} : await probe(plan, inputs, made);
    for (const name of made) known.set(name, results[name]!);
    refuseHazard(
      node,
      node.inputs.map((name) => known.get(name)),
      plan.file.file,
    );
  }
}

/** Refuses operators of other domains whose outputs have other shapes where the numbers are others. */
async function compareShapes(
  plan: ImportPlan,
  inputs: readonly InputType[],
  data: readonly FileNode[],
  results: Readonly<Record<string, Tensor>>,
): Promise<void> {
  const names = data.flatMap(({ outputs }) => outputs).filter((name) => name !== "");
  const others = await probe(plan, inputs, names, ["mixed", "mixedFloats"]);
  for (const node of data) {
    for (const name of node.outputs) {
      if (name === "" || `${results[name]!.shape}` === `${others[name]!.shape}`) continue;
      throw new LearnerError({
        where: `"${plan.file.file}": ${node.opType} (node "${node.name}")`,
        expected: `a result "${name}" whose shape follows from the shapes of what goes in`,
        got: `[${results[name]!.shape.join(", ")}] for some numbers and [${others[name]!.shape.join(", ")}] for others`,
        hint: "cutting the model off before the node",
      });
    }
  }
}

function checkInputs(plan: ImportPlan, inputs: readonly InputType[]): void {
  const where = `"${plan.file.file}"`;
  if (inputs.length !== plan.inputs.length) {
    throw new LearnerError({
      where,
      expected: `${plan.inputs.length} input(s) (${plan.inputs.map(({ name }) => name).join(", ")})`,
      got: `${inputs.length} in the mini-batch`,
    });
  }
  plan.inputs.forEach(({ name, dtype, shape }, i) => {
    const given = inputs[i]!;
    if (dtype === null) {
      throw new LearnerError({ where, expected: `a tensor as input "${name}"`, got: "another type" });
    }
    const fits =
      shape === null ||
      (shape.length === given.shape.length &&
        shape.every((dim, d) => d === 0 || typeof dim !== "number" || dim === given.shape[d]));
    if (!fits) {
      throw new LearnerError({
        where,
        expected: `input "${name}" of shape [${shape?.map((dim) => dim ?? "?").join(", ")}]`,
        got: `[${given.shape.join(", ")}]`,
      });
    }
  });
}

/** A model may run on another batch size and yet mix its items up: then its output has not that many rows. */
function checkBatch(
  plan: ImportPlan,
  inputs: readonly InputType[],
  types: ReadonlyMap<string, InputType>,
): void {
  const fixed = fixedBatch(plan);
  const batch = inputs[0]?.shape[0];
  const rows = types.get(plan.output)?.shape[0];
  if (fixed !== undefined && fixed !== batch && rows !== batch) throw fixedBatchError(plan, fixed, batch);
}
