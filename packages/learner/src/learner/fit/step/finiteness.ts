import type { Tensor } from "@lrfind/engine";
import { slotOf } from "@lrfind/engine/internal";
import type { StateTensors } from "../../state.js";

/** An element that is NaN or infinite. */
export interface NonFinite {
  /** The tensor's name in the state: `param:NAME`, `slot:SLOT:NAME` or `buffer:NAME`. */
  readonly tensor: string;
  readonly value: number;
  /** Whether the tensor had such an element before the step too. */
  readonly wasBefore: boolean;
}

/**
 * The first element among a step's results that is NaN or infinite; undefined where there is none. Parameters come
 * before slots and buffers: theirs is the name that says most.
 *
 * @param made - What the step made.
 * @param before - The state that it went from.
 */
export function findNonFinite(made: StateTensors, before: StateTensors): NonFinite | undefined {
  const rank = (name: string) => (slotOf(name).kind === "param" ? 0 : 1);
  for (const tensor of Object.keys(made).sort((a, b) => rank(a) - rank(b))) {
    const value = nonFiniteElement(made[tensor]);
    if (value === undefined) continue;
    return { tensor, value, wasBefore: nonFiniteElement(before[tensor]) !== undefined };
  }
  return undefined;
}

/** A tensor of the state in words. */
export function nameInWords(tensor: string): string {
  const slot = slotOf(tensor);
  if (slot.kind === "slot") return `the optimizer's "${slot.slot}" of parameter "${slot.name}"`;
  return `${slot.kind === "param" ? "parameter" : "buffer"} "${"name" in slot ? slot.name : tensor}"`;
}

function nonFiniteElement(tensor: Tensor<"float32"> | undefined): number | undefined {
  return tensor?.data.find((value) => !Number.isFinite(value));
}
