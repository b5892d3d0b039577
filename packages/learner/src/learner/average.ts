import type { Optimizer } from "@lrfind/engine";
import { slotName } from "@lrfind/engine/internal";
import { describe, didYouMean } from "lrfind/core";
import { LearnerError } from "./errors.js";
import type { StateTensors } from "./state.js";
import type { StateCell } from "./state-cell.js";

const WHERE = "useAverage";

/**
 * Makes an average that the optimizer keeps the parameters of the current state.
 *
 * @param name - Which average: its slot, or the part of it before the dot. Default: the last.
 * @returns Puts the parameters back.
 * @throws {LearnerError} when there is no such average.
 */
export function withAverage(cell: StateCell, optimizer: Optimizer, name?: string): () => void {
  const slot = averageOf(optimizer, name);
  const { current } = cell;
  const averages: Record<string, StateTensors[string]> = {};
  const weights: Record<string, StateTensors[string]> = {};
  for (const parameter of Object.keys(current.ages)) {
    const average = current.tensors[slotName.slot(slot, parameter)];
    const key = slotName.param(parameter);
    if (!average) continue;
    averages[key] = average;
    weights[key] = current.tensors[key]!;
  }
  cell.replace({ ...current, tensors: { ...current.tensors, ...averages } });
  return () => {
    const now = cell.current;
    if (Object.entries(averages).some(([key, average]) => now.tensors[key] !== average)) {
      throw new LearnerError({
        where: WHERE,
        expected: "to put the weights back before they are trained or loaded",
        got: "other weights than the average's",
        hint: "the function that useAverage gave, right after validating",
      });
    }
    cell.replace({ ...now, tensors: { ...now.tensors, ...weights } });
  };
}

function averageOf({ name: optimizer, averages = [] }: Optimizer, name?: string): string {
  const last = averages.at(-1);
  if (last === undefined) {
    throw new LearnerError({
      where: WHERE,
      expected: "an optimizer that keeps an average of the weights",
      got: JSON.stringify(optimizer),
      hint: "optFunc: chain(adam(), ema())",
    });
  }
  if (name === undefined) return last;
  const found = averages.find((slot) => slot === name || slot.split(".")[0] === name);
  if (found !== undefined) return found;
  const known = averages.map((slot) => slot.split(".")[0]!);
  throw new LearnerError({
    where: WHERE,
    expected: `an average that the optimizer keeps (${known.join(", ")})`,
    got: describe(name),
    hint: (typeof name === "string" ? didYouMean(name, known) : undefined) ?? JSON.stringify(known.at(-1)),
  });
}
