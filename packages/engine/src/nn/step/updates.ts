import { describe } from "lrfind/core";
import type { GraphBuilder, Value } from "../../onnx/index.js";
import { OnnxError } from "../../onnx/index.js";
import { isValue } from "../../onnx/internal.js";
import type { Optimizer, PreparedGradient, Update, UpdateContext } from "../optimizers/optimizer.js";
import { nextSlot, slotName } from "./slots.js";

/** A parameter that is to be updated. */
export interface UpdatedParameter {
  readonly name: string;
  readonly parameter: Value;
  readonly gradient: Value;
  readonly decays: boolean;
  /** The learning rate of its group; asked for when the update needs it. */
  lr(): Value;
}

/** Adds the optimizer's updates to a graph. @returns What parameters and slots become, by the slots' names. */
export function addUpdates(
  g: GraphBuilder,
  optimizer: Optimizer,
  { parts, scalar }: { readonly parts: readonly UpdatedParameter[]; scalar(name: string): Value },
): Record<string, Value> {
  const outputs: Record<string, Value> = {};
  const contexts = new Map<string, UpdateContext>();
  const contextOf = (part: UpdatedParameter) => {
    const known = contexts.get(part.name) ?? contextFor(g, optimizer, part, scalar);
    contexts.set(part.name, known);
    return known;
  };
  const prepared = optimizer.prepare
    ? g.scope("prepare", () => optimizer.prepare!(new Map(parts.map((part) => [part.name, contextOf(part)]))))
    : undefined;
  if (prepared) checkPrepared(optimizer, prepared, parts);
  for (const part of parts) {
    g.scope(`update.${part.name}`, () => {
      const { gradient = part.gradient, slots = {} } = prepared?.get(part.name) ?? {};
      const update = optimizer.update({ ...contextOf(part), gradient });
      const given = { ...slots, ...update?.slots };
      checkUpdate(optimizer, update, given);
      outputs[nextSlot.param(part.name)] = update.parameter;
      for (const slot of optimizer.slots) outputs[nextSlot.slot(slot, part.name)] = given[slot]!;
    });
  }
  return outputs;
}

function contextFor(
  g: GraphBuilder,
  optimizer: Optimizer,
  { name, parameter, gradient, decays, lr }: UpdatedParameter,
  scalar: (name: string) => Value,
): UpdateContext {
  const slots = new Map<string, Value>();
  return {
    ...{ g, parameter, gradient, decays, scalar },
    lr: lr(),
    slot(slot) {
      checkSlot(optimizer, slot);
      const value = slots.get(slot) ?? g.input(slotName.slot(slot, name), "float32", parameter.shape);
      slots.set(slot, value);
      return value;
    },
  };
}

/** Throws for a slot that the optimizer does not list: it would be zero in every step, and what is put into it lost. */
function checkSlot({ name, slots }: Optimizer, slot: string): void {
  if (slots.includes(slot)) return;
  const known = slots.length === 0 ? "none" : slots.join(", ");
  throw new OnnxError({
    where: `optimizer "${name}"`,
    expected: `its update to ask for one of its slots (${known})`,
    got: JSON.stringify(slot),
    hint: `slots: ${JSON.stringify([...slots, slot])}`,
  });
}

/** Throws unless an update gives the parameter and every slot of the optimizer. */
function checkUpdate(
  { name, slots }: Optimizer,
  update: Update,
  made: Readonly<Record<string, Value>>,
): void {
  const given: Readonly<Record<string, unknown>> = { ...made, parameter: update?.parameter };
  const missing = ["parameter", ...slots].find((part) => !isValue(given[part]));
  if (missing === undefined) return;
  throw new OnnxError({
    where: `optimizer "${name}"`,
    expected: `its update to give ${missing === "parameter" ? "the parameter" : `the slot "${missing}"`}`,
    got: describe(given[missing]),
    hint: `return { parameter, slots: { ${slots.join(", ")} } }`,
  });
}

/** Throws unless every parameter has a gradient. */
function checkPrepared(
  { name }: Optimizer,
  prepared: ReadonlyMap<string, PreparedGradient>,
  parts: readonly UpdatedParameter[],
): void {
  const gradientOf = (part: string) => (prepared instanceof Map ? prepared.get(part)?.gradient : undefined);
  const missing = parts.find((part) => !isValue(gradientOf(part.name)));
  if (!missing) return;
  throw new OnnxError({
    where: `optimizer "${name}"`,
    expected: `a gradient for parameter "${missing.name}" from what stands before it`,
    got: describe(gradientOf(missing.name)),
    hint: "return a Map with every name that was given",
  });
}
