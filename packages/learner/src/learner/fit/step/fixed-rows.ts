import type { Model, Tensor } from "@lrfind/engine";
import { slotName } from "@lrfind/engine/internal";
import type { StateTensors } from "../../state.js";

/** Rows of a parameter that stay as they are. */
export interface FixedRows {
  /** The parameter's name in the model. */
  readonly name: string;
  readonly rows: readonly number[];
}

/** The rows of a model's parameters that training leaves as they are. */
export function fixedRowsOf(model: Model): FixedRows[] {
  return model.parameters.flatMap(({ name, fixedRows = [] }) =>
    fixedRows.length > 0 ? [{ name, rows: fixedRows }] : [],
  );
}

/**
 * Puts fixed rows back into what a step made: those of parameters as they were, and of what the optimizer keeps for them
 * as they were, or what it began as. Their gradient is zero already; weight decay and the like are undone here, for the
 * cost of a row.
 *
 * @param made - Belongs to the step: it is written to.
 * @param before - What the step started from.
 * @param what.slots - What the optimizer keeps for each parameter.
 * @param what.parameterSlots - Those of them that begin as the parameter, and not as zeros. Default: none.
 */
export function restoreFixedRows(
  made: Readonly<Record<string, Tensor<"float32">>>,
  before: StateTensors,
  {
    fixed,
    slots,
    parameterSlots = [],
  }: {
    readonly fixed: readonly FixedRows[];
    readonly slots: readonly string[];
    readonly parameterSlots?: readonly string[];
  },
): void {
  for (const { name, rows } of fixed) {
    const first = before[slotName.param(name)];
    const restored = [
      { key: slotName.param(name), start: undefined },
      ...slots.map((slot) => ({
        key: slotName.slot(slot, name),
        start: parameterSlots.includes(slot) ? first : undefined,
      })),
    ];
    for (const { key, start } of restored) {
      const tensor = made[key];
      if (!tensor) continue;
      const { shape, data } = tensor;
      const width = data.length / shape[0]!;
      for (const row of rows) {
        const old = (before[key] ?? start)?.data.subarray(row * width, (row + 1) * width);
        if (old) data.set(old, row * width);
        else data.fill(0, row * width, (row + 1) * width);
      }
    }
  }
}
