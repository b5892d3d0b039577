import type { Roles } from "./columns.js";
import type { Cell } from "./log-table.js";

/** A step of a log. */
export interface Row {
  readonly step: number;
  readonly lr: number;
  readonly loss: number;
}

/** What was joined, and what the reader should know of it. */
export interface Joined {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

interface At {
  readonly step: number;
  readonly value: number;
}

/**
 * Gives each loss its rate: by the step where there is one, whether both stand in one row, in two, or in two files; else
 * by the row.
 *
 * A rate that was recorded at other steps than the losses is read between its neighbours, on a logarithmic scale; none
 * is made up outside of them.
 */
export function joined(loss: Roles, lr: Roles = loss): Joined {
  if (lr === loss && (loss.step === undefined || goesBack(loss.step.cells))) {
    const rows = withinRows(loss);
    const why =
      "The steps go back, as where several trainings write into one file: rows are taken in their order.";
    return { rows, notes: loss.step === undefined ? [] : [why] };
  }
  const losses = valuesOf(loss.loss!.cells, loss.step?.cells);
  const rates = valuesOf(lr.lr!.cells, lr.step?.cells).sort((a, b) => a.step - b.step);
  let between = 0;
  let outside = 0;
  let next = 0;
  const rows = losses
    .sort((a, b) => a.step - b.step)
    .flatMap(({ step, value }) => {
      while (next < rates.length && rates[next]!.step < step) next++;
      const after = rates[next];
      if (after?.step === step) return { step, lr: after.value, loss: value };
      const before = rates[next - 1];
      if (after === undefined || before === undefined) {
        outside++;
        return [];
      }
      between++;
      return { step, lr: interpolated(before, after, step), loss: value };
    });
  return {
    rows,
    notes: [
      ...(between > 0
        ? [`${between} rates were recorded at other steps than the loss, and are read between them.`]
        : []),
      ...(outside > 0
        ? [`${outside} losses lie before the first rate or after the last, and are left out.`]
        : []),
    ],
  };
}

function interpolated(before: At, after: At, step: number): number {
  const share = (step - before.step) / (after.step - before.step);
  if (!(before.value > 0 && after.value > 0)) return before.value + share * (after.value - before.value);
  return before.value * (after.value / before.value) ** share;
}

function withinRows({ lr, loss, step }: Roles): Row[] {
  return loss!.cells.flatMap((value, i) => {
    const rate = lr!.cells[i];
    return value === undefined || rate === undefined
      ? []
      : { step: step?.cells[i] ?? i, lr: rate, loss: value };
  });
}

function valuesOf(cells: readonly Cell[], steps: readonly Cell[] | undefined): At[] {
  return cells.flatMap((value, i) => {
    const step = steps === undefined ? i : steps[i];
    return value === undefined || step === undefined || !Number.isFinite(step) ? [] : { step, value };
  });
}

function goesBack(steps: readonly Cell[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    if (step === undefined) continue;
    if (step < last) return true;
    last = step;
  }
  return false;
}
