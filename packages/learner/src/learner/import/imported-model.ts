import type {
  BufferSpec,
  ForwardContext,
  ImportNote,
  ImportPlan,
  InputSpec,
  Layer,
  Model,
  ParameterSpec,
  ParamGroup,
  Value,
} from "@lrfind/engine";
import { modelOf } from "@lrfind/engine";
import { anything, type Check } from "lrfind/core";
import { check, checkLearnerOptions, layer } from "../checks.js";
import { LearnerError } from "../errors.js";
import { emitModel } from "./emit.js";
import type { GroupSplitter } from "./groups.js";
import { splitParameters } from "./groups.js";
import { fixedBatch, type InputType } from "./probe.js";
import type { ResolvedShapes } from "./resolve-shapes.js";
import { resolveShapes } from "./resolve-shapes.js";
import { ShapeCache } from "./shape-cache.js";

/** Prefix of the names of a new head's parameters. */
const HEAD = "head.";

const PLAN: Check = {
  expected: "what planImport gives",
  accepts: (value) => {
    const { file, inputs, nodes, parameters, buffers } = Object(value) as Partial<ImportPlan>;
    return typeof file === "object" && [inputs, nodes, parameters, buffers].every(Array.isArray);
  },
};

/** Shapes of mini-batches that are remembered: a graph is built right after its shapes are resolved, so that few suffice. */
const MAX_SHAPES = 32;

/** A model read from a file, trainable. */
export class ImportedModel implements Model {
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly paramGroups?: readonly ParamGroup[];
  readonly inputs?: readonly InputSpec[];
  /** What its user should know of it: batch-norm folded away, operators without a gradient, a Softmax at the end. */
  readonly notes: readonly ImportNote[];
  /** Float tensors of the file that could be trained and are not. */
  readonly fixed: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The batch size that the file states; undefined where it leaves it open. */
  readonly fixedBatch: number | undefined;
  readonly inputNames: readonly string[];
  readonly outputName: string;
  readonly #plan: ImportPlan;
  readonly #head: Model | undefined;
  readonly #resolved = new ShapeCache<ResolvedShapes>(MAX_SHAPES);

  constructor(plan: ImportPlan, options: { readonly head?: Layer; readonly groups?: GroupSplitter }) {
    check("ImportedModel", "plan", plan, PLAN);
    checkLearnerOptions<typeof options>("ImportedModel", options, { head: layer, groups: anything });
    this.#plan = plan;
    this.#head = options.head && modelOf(options.head);
    // A new head, not the end of the file, is what the loss sees.
    this.notes = options.head ? plan.notes.filter(({ kind }) => kind !== "endsInProbabilities") : plan.notes;
    this.fixed = plan.fixed.map(({ name, contents }) => ({ name, shape: contents.shape }));
    this.fixedBatch = fixedBatch(plan);
    this.inputNames = plan.inputs.map(({ name }) => name);
    const isOutput = plan.file.outputs.some(({ name }) => name === plan.output);
    this.outputName = isOutput ? plan.output : plan.file.outputs[0]!.name;
    const body = plan.parameters.map(({ name, contents, role, fixedRows }) => ({
      name,
      shape: contents.shape,
      role,
      ...(fixedRows ? { fixedRows } : {}),
      initial: () => contents.data.slice(),
    }));
    const head = this.#head?.parameters.map((spec) => ({ ...spec, name: HEAD + spec.name })) ?? [];
    this.parameters = unique([...body, ...head]);
    this.buffers = unique([
      ...plan.buffers.map(({ name, contents }) => ({
        name,
        shape: contents.shape,
        initial: () => contents.data.slice(),
      })),
      ...(this.#head?.buffers.map((spec) => ({ ...spec, name: HEAD + spec.name })) ?? []),
    ]);
    const names = this.parameters.map(({ name }) => name);
    if (options.groups) {
      this.paramGroups = splitParameters(names, options.groups);
    } else if (head.length > 0 && body.length > 0) {
      this.paramGroups = [
        { name: "body", parameters: body.map(({ name }) => name) },
        { name: "head", parameters: head.map(({ name }) => name) },
      ];
    }
    const inputs = plan.inputs.flatMap(({ dtype, shape }) => {
      const item = shape?.slice(1);
      const isKnown = item?.every((dim) => typeof dim === "number");
      return dtype !== null && isKnown ? [{ dtype, itemShape: item as number[] }] : [];
    });
    if (inputs.length === plan.inputs.length) this.inputs = inputs;
  }

  async prepare(inputs: readonly InputType[]): Promise<void> {
    await this.#resolved.make(keyOf(inputs), () => resolveShapes(this.#plan, inputs));
  }

  forward(context: ForwardContext, inputs: readonly Value[]): Value {
    const resolved = this.#resolved.take(keyOf(inputs));
    if (!resolved) {
      throw new LearnerError({
        where: `"${this.#plan.file.file}"`,
        expected: "prepare() before forward()",
        got: `inputs of new shapes: ${keyOf(inputs)}`,
      });
    }
    const features = emitModel(this.#plan, resolved, context, inputs);
    const head = this.#head;
    if (!head) return features;
    return context.g.scope("head", () =>
      head.forward(
        {
          ...context,
          parameter: (name) => context.parameter(HEAD + name),
          buffer: (name) => context.buffer(HEAD + name),
          isHeld: (name) => context.isHeld(HEAD + name),
          isTrained: (name) => context.isTrained(HEAD + name),
          updateBuffer: (name, value) => context.updateBuffer(HEAD + name, value),
        },
        [features],
      ),
    );
  }
}

function keyOf(inputs: readonly InputType[]): string {
  return inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(", ");
}

/** A head on a model whose own parameters are named "head.…" would share names with it. */
function unique<T extends { readonly name: string }>(specs: readonly T[]): readonly T[] {
  const names = new Set<string>();
  for (const { name } of specs) {
    if (names.has(name)) {
      throw new LearnerError({
        where: "loadModel: head",
        expected: "a body without parameters of the head's names",
        got: `"${name}" in both`,
        hint: "cutting the old head off",
      });
    }
    names.add(name);
  }
  return specs;
}
