import type { DType, ImportPlan, Tensor } from "@lrfind/engine";
import {
  allocate,
  createRawSession,
  encodeModelFile,
  isFloat,
  nodesBehind,
  RuntimeError,
  sizeOf,
} from "@lrfind/engine";
import { LearnerError } from "../errors.js";

/** Element type and shape of a mini-batch's input, batch dimension included. */
export interface InputType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/**
 * What inputs are filled with: zeros; ones, for what must not be zero (a divisor, a length); numbers of both signs, ones
 * where they are whole; such numbers, zeros where they are whole.
 */
type Fill = "zeros" | "ones" | "mixed" | "mixedFloats";

const fills: Readonly<Record<Fill, (i: number, dtype: DType) => number>> = {
  zeros: () => 0,
  ones: () => 1,
  mixed: (i, dtype) => (isFloat(dtype) ? Math.sin(1 + 1.7 * i) : 1),
  mixedFloats: (i, dtype) => (isFloat(dtype) ? Math.sin(1 + 1.7 * i) : 0),
};

function filled(dtype: DType, shape: readonly number[], fill: Fill): Tensor {
  const data = allocate(dtype, sizeOf(shape));
  if (fill === "zeros") return { dtype, shape, data };
  const valueAt = fills[fill];
  for (let i = 0; i < data.length; i++) {
    const value = valueAt(i, dtype);
    data[i] = typeof data[i] === "bigint" ? BigInt(value) : value;
  }
  return { dtype, shape, data };
}

/**
 * Runs the nodes that lead to some values, on the first of several kinds of numbers that they take.
 *
 * @throws {LearnerError} when they take none of them, or the file is made for another batch size.
 */
export async function probe(
  plan: ImportPlan,
  inputs: readonly InputType[],
  outputs: readonly string[],
  kinds: readonly [Fill, ...Fill[]] = ["zeros", "ones"],
): Promise<Record<string, Tensor>> {
  const nodes = nodesBehind(plan.nodes, outputs);
  const wanted = new Set([...nodes.flatMap((node) => node.inputs), ...outputs]);
  const { model } = encodeModelFile({
    ...plan.file,
    nodes,
    // The batch size stated in the file may be another: the run itself shows whether that matters.
    inputs: plan.inputs
      .filter(({ name }) => wanted.has(name))
      .map(({ name, dtype }) => ({ name, dtype, shape: null })),
    outputs: outputs.map((name) => ({ name, dtype: null, shape: null })),
    initializers: new Map([...plan.file.initializers].filter(([name]) => wanted.has(name))),
  });
  const feedsOf = (fill: Fill) =>
    Object.fromEntries(
      plan.inputs.flatMap(({ name, dtype }, i) =>
        wanted.has(name) ? [[name, filled(dtype!, inputs[i]!.shape, fill)] as const] : [],
      ),
    );
  const [first, ...rest] = kinds;
  try {
    await using session = await createRawSession(model, { optimize: false });
    try {
      return await session.run(feedsOf(first));
    } catch (cause) {
      for (const fill of rest) {
        const results = await session.run(feedsOf(fill)).catch(() => undefined);
        if (results) return results;
      }
      throw cause;
    }
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

/** The batch size that a file states; undefined where it leaves it open. */
export function fixedBatch(plan: ImportPlan): number | undefined {
  const dim = plan.inputs[0]?.shape?.[0];
  return typeof dim === "number" ? dim : undefined;
}

export function fixedBatchError(
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
      got: String(batch),
      hint: `exporting with dynamic_axes={"${name}": {0: "batch"}}, or mini-batches of ${fixed} with the last short one dropped`,
    },
    { cause },
  );
}
