import type { DType, ImportPlan, Tensor } from "../../onnx/index.js";
import { allocate, encodeModelFile, isDType, sizeOf } from "../../onnx/index.js";
import { createRawSession, RuntimeError } from "../../runtime/index.js";
import { LearnerError } from "../errors.js";

/** Element type and shape of a mini-batch's input, batch dimension included. */
export interface InputType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What one run of a model tells about inputs of certain shapes. */
export interface ResolvedShapes {
  /** Of every value that depends on the data. */
  readonly types: ReadonlyMap<string, InputType>;
  /** Contents of the values that depend on shapes alone and that other nodes use. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * Finds the shapes of all intermediates of a model by running it once, every value an output, on zeros.
 *
 * @param inputs - Types of the model's inputs, for the batch size that is wanted.
 * @throws {LearnerError} when the inputs do not fit the file, or it is made for another batch size.
 */
export async function resolveShapes(plan: ImportPlan, inputs: readonly InputType[]): Promise<ResolvedShapes> {
  checkInputs(plan, inputs);
  const data = plan.nodes.filter((node) => !node.outputs.every((name) => plan.constants.has(name)));
  const used = new Set(data.flatMap((node) => node.inputs));
  const outputs = plan.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== "" && (!plan.constants.has(name) || used.has(name)));
  const { model } = encodeModelFile({
    ...plan.file,
    nodes: plan.nodes,
    // The batch size stated in the file may be another: the run itself shows whether that matters.
    inputs: plan.inputs.map(({ name, dtype }) => ({ name, dtype, shape: null })),
    outputs: outputs.map((name) => ({ name, dtype: null, shape: null })),
  });
  const results = await run(plan, model, inputs);
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

async function run(
  plan: ImportPlan,
  model: Uint8Array,
  inputs: readonly InputType[],
): Promise<Record<string, Tensor>> {
  const feeds: Record<string, Tensor> = {};
  plan.inputs.forEach(({ name, dtype }, i) => {
    const { shape } = inputs[i]!;
    feeds[name] = { dtype: dtype!, shape, data: allocate(dtype!, sizeOf(shape)) };
  });
  try {
    await using session = await createRawSession(model, { optimize: false });
    return await session.run(feeds);
  } catch (cause) {
    if (!(cause instanceof RuntimeError)) throw cause;
    const fixed = fixedBatch(plan);
    const batch = inputs[0]?.shape[0];
    if (fixed !== undefined && fixed !== batch) throw fixedBatchError(plan, fixed, batch, cause);
    throw new LearnerError(
      {
        where: `"${plan.file.file}"`,
        expected: `a model that runs on inputs ${inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(", ")}`,
        got: cause.message,
      },
      { cause },
    );
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

/** The batch size that a file states; undefined where it leaves it open. */
export function fixedBatch(plan: ImportPlan): number | undefined {
  const dim = plan.inputs[0]?.shape?.[0];
  return typeof dim === "number" ? dim : undefined;
}

function fixedBatchError(
  plan: ImportPlan,
  fixed: number,
  batch: number | undefined,
  cause?: unknown,
): LearnerError {
  const name = plan.inputs[0]!.name;
  return new LearnerError(
    {
      where: `"${plan.file.file}"`,
      expected: `mini-batches of ${fixed} items, the batch size that the file fixes`,
      got: `${batch}`,
      hint: `exporting with dynamic_axes={"${name}": {0: "batch"}}, or mini-batches of ${fixed} with the last short one dropped`,
    },
    { cause },
  );
}
