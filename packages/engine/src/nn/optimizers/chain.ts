import { checkArgument, describe, OptionError } from "lrfind/core";
import type { Value } from "../../onnx/index.js";
import { chainPart, optimizer as optimizerCheck } from "../checks.js";
import type { GradientTransform } from "./gradient-transform.js";
import { transformed } from "./gradient-transform.js";
import type { Hyper, Optimizer, PreparedGradient, UpdateContext } from "./optimizer.js";
import type { StepTransform } from "./step-transform.js";

/** A part of a chain. */
export type ChainPart = GradientTransform | StepTransform | Optimizer;

/** A transform with the name that it goes by in its chain. */
interface Link {
  readonly prefix: string;
  readonly transform: StepTransform;
}

/** What stands before the optimizer. */
type Before = GradientTransform | Link;

/**
 * An optimizer with what changes gradients before it and parameters after it, in their order.
 *
 * Its state is the optimizer's and that of all transforms: checkpoints hold it, and a resumed fit goes on bit for bit. Its
 * hyper-parameters are the optimizer's, by their names, and the transforms' behind theirs: a schedule
 * `paramScheduler({ "ema.decay": … })` sets one.
 *
 * @param parts - Gradient transforms, one optimizer (a chain is one too), and transforms of what it makes.
 * @throws {OptionError} when a part is none of these, there is not one optimizer, or a part stands on its wrong side.
 *
 * @example
 * ```ts
 * const optFunc = chain(clipGradNorm(1), centralizeGradients(), adam(), lookahead(), ema({ decay: 0.99 }));
 * const learn = new Learner({ ...parts, optFunc });
 * ```
 *
 * Source: the composition of DeepMind's Optax.
 */
export function chain(...parts: readonly ChainPart[]): Optimizer {
  parts.forEach((part, i) => {
    checkArgument("chain", `parts[${i}]`, part, chainPart);
  });
  const at = parts.findIndex(isOptimizer);
  const optimizer = parts[at];
  if (parts.filter(isOptimizer).length !== 1 || !isOptimizer(optimizer)) {
    const got = parts.filter(isOptimizer).map(({ name }) => name);
    throw new OptionError({
      where: "chain",
      option: "parts",
      expected: "one optimizer among its parts",
      got: got.length === 0 ? "none" : got.join(", "),
      hint: "chain(clipGradNorm(1), adam(), ema())",
      received: parts,
    });
  }
  parts.forEach((part, i) => {
    checkSide(part, i, at);
  });
  const taken = new Set([...optimizer.slots, ...Object.keys(optimizer.defaults)].map(firstPart));
  const stages = parts.map((part) => (isTransform(part) ? linkOf(part, taken) : part));
  return composed(optimizer, { before: stages.slice(0, at) as Before[], links: stages.filter(isLink) });
}

function composed(
  optimizer: Optimizer,
  { before, links }: { readonly before: readonly Before[]; readonly links: readonly Link[] },
): Optimizer {
  /** The names of a kind that the optimizer and the transforms give. */
  const all = (of: (part: Optimizer | StepTransform) => readonly string[] | undefined): string[] => [
    ...(of(optimizer) ?? []),
    ...links.flatMap(({ prefix, transform }) => (of(transform) ?? []).map((name) => `${prefix}.${name}`)),
  ];
  const lasting = links.filter(({ transform }) => (transform.slots ?? []).length > 0);
  return {
    name: [optimizer.name, ...lasting.map(({ prefix }) => prefix)].join("+"),
    defaults: Object.assign(
      { ...optimizer.defaults },
      ...links.map(({ prefix, transform }) => prefixed(prefix, transform.defaults ?? {})),
    ) as Hyper,
    slots: all(({ slots }) => slots),
    parameterSlots: all(({ parameterSlots }) => parameterSlots),
    averages: all(({ averages }) => averages),
    watchedSlots: all(({ watchedSlots, slots }) => watchedSlots ?? slots),
    nonNegativeSlots: all(({ nonNegativeSlots }) => nonNegativeSlots),
    scalars: (step, hyper) =>
      Object.assign(
        { ...optimizer.scalars(step, hyper) },
        ...links.map(({ prefix, transform }) =>
          prefixed(prefix, transform.scalars?.(step, ownHyper(prefix, transform, hyper)) ?? {}),
        ),
      ),
    prepare(steps) {
      let prepared: ReadonlyMap<string, PreparedGradient> = new Map(
        [...steps].map(([name, { gradient }]) => [name, { gradient }]),
      );
      for (const stage of before) prepared = applied(stage, steps, prepared);
      const inner = optimizer.prepare?.(withGradients(steps, prepared));
      return inner
        ? new Map([...inner].map(([name, last]) => [name, joined(prepared.get(name), last)]))
        : prepared;
    },
    update(context) {
      const { parameter, slots } = optimizer.update(context);
      let updated = parameter;
      const made: Record<string, Value> = { ...slots };
      for (const { prefix, transform } of links) {
        const after = transform.after?.({ ...ownContext(context, prefix), updated });
        if (!after) continue;
        updated = after.parameter;
        Object.assign(made, prefixed(prefix, after.slots ?? {}));
      }
      return { parameter: updated, slots: made };
    },
  };
}

/** Gradients after one more part of a chain. */
function applied(
  stage: Before,
  steps: ReadonlyMap<string, UpdateContext>,
  prepared: ReadonlyMap<string, PreparedGradient>,
): ReadonlyMap<string, PreparedGradient> {
  if (isLink(stage)) {
    return new Map(
      [...withGradients(steps, prepared)].map(([name, context]) => {
        const { gradient, slots = {} } = stage.transform.before!(ownContext(context, stage.prefix));
        return [name, joined(prepared.get(name), { gradient, slots: prefixed(stage.prefix, slots) })];
      }),
    );
  }
  const [context] = steps.values();
  if (!context) return prepared;
  const gradients = new Map([...prepared].map(([name, { gradient }]) => [name, gradient]));
  const changed = transformed("chain", stage, context.g, gradients);
  return new Map([...prepared].map(([name, one]) => [name, { ...one, gradient: changed.get(name)! }]));
}

function withGradients(
  steps: ReadonlyMap<string, UpdateContext>,
  prepared: ReadonlyMap<string, PreparedGradient>,
): Map<string, UpdateContext> {
  return new Map(
    [...steps].map(([name, context]) => [name, { ...context, gradient: prepared.get(name)!.gradient }]),
  );
}

function joined(first: PreparedGradient | undefined, last: PreparedGradient): PreparedGradient {
  return { gradient: last.gradient, slots: { ...first?.slots, ...last.slots } };
}

/** What a step is told, with the transform's own slots and scalars. */
function ownContext<C extends UpdateContext>(context: C, prefix: string): C {
  return {
    ...context,
    slot: (name: string) => context.slot(`${prefix}.${name}`),
    scalar: (name: string) => context.scalar(`${prefix}.${name}`),
  };
}

function ownHyper(prefix: string, { defaults = {} }: StepTransform, hyper: Hyper): Record<string, number> {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, hyper[`${prefix}.${name}`] ?? value]),
  );
}

function prefixed<T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}.${name}`, value]));
}

/** The transform's name, or with a number where the chain has one of it: "ema", "ema2". */
function linkOf(transform: StepTransform, taken: Set<string>): Link {
  let prefix = transform.name;
  for (let count = 2; taken.has(prefix); count++) prefix = `${transform.name}${count}`;
  taken.add(prefix);
  return { prefix, transform };
}

function firstPart(name: string): string {
  return name.split(".")[0]!;
}

/** Throws unless what changes gradients stands before the optimizer, and what changes parameters after it. */
function checkSide(part: ChainPart, i: number, at: number): void {
  if (i === at) return;
  const isBefore = typeof part === "function" || (part as StepTransform).before !== undefined;
  if (isBefore === i < at) return;
  throw new OptionError({
    where: "chain",
    option: `parts[${i}]`,
    expected: `what changes ${isBefore ? "gradients before" : "parameters after"} the optimizer`,
    got: `${typeof part === "function" ? "a gradient transform" : describe(part.name)} ${i < at ? "before" : "after"} it`,
    hint: "chain(clipGradNorm(1), adam(), ema())",
    received: part,
  });
}

function isOptimizer(part: ChainPart | undefined): part is Optimizer {
  return optimizerCheck.accepts(part);
}

function isTransform(part: ChainPart): part is StepTransform {
  return typeof part === "object" && !isOptimizer(part);
}

function isLink(stage: ChainPart | Link): stage is Link {
  return "transform" in stage;
}
