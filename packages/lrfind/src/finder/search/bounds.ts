import { formatRate } from "../../core/index.js";
import { LrFindOptionError } from "../errors.js";

/** First and bounding rate of a sweep. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/**
 * Pairs up the first and bounding rates of every parameter group; a plain number stands for every group.
 *
 * @param where - The caller, which begins every message.
 * @param rates - What the user gave, or the defaults.
 * @param paramGroups - The trainer's groups, whose number lists must match.
 * @returns One pair per list entry; one pair where both are plain numbers.
 * @throws LrFindOptionError for the first rate that cannot be used.
 */
export function resolveBounds(
  where: string,
  rates: { readonly startLr: number | readonly number[]; readonly endLr: number | readonly number[] },
  paramGroups: readonly string[] | undefined,
): Bounds[] {
  const { startLr, endLr } = rates;
  checkRates(where, "startLr", startLr, "1e-7");
  checkRates(where, "endLr", endLr, "10");
  const startLength = lengthOf(startLr);
  const endLength = lengthOf(endLr);
  if (startLength !== undefined && endLength !== undefined && startLength !== endLength) {
    const expected = `endLr to have the ${startLength} rates of startLr`;
    const hint = "one rate per parameter group in both";
    throw new LrFindOptionError(where, { option: "endLr", expected, received: endLr, hint });
  }
  const length = startLength ?? endLength;
  if (length !== undefined && length !== (paramGroups?.length ?? 1)) {
    const option = startLength === undefined ? "endLr" : "startLr";
    const names = paramGroups?.join(", ") ?? "the trainer names none, so one";
    const expected = `${option} to have one rate per parameter group (${names})`;
    const count = paramGroups?.length ?? 1;
    const hint = `${count} ${count === 1 ? "rate" : "rates"}, or one number for all`;
    throw new LrFindOptionError(where, { option, expected, received: rates[option], hint });
  }
  return Array.from({ length: length ?? 1 }, (_, i) => {
    const start = at(startLr, i);
    const end = at(endLr, i);
    if (start < end) return { start, end };
    const index = length === undefined ? "" : `[${i}]`;
    const expected = `startLr${index} < endLr${index} (${end})`;
    const hint = `startLr ${formatRate(end / 1e6)}`;
    throw new LrFindOptionError(where, { option: "startLr", expected, received: start, hint });
  });
}

function checkRates(
  where: string,
  option: "startLr" | "endLr",
  rates: number | readonly number[],
  hint: string,
): void {
  const list: readonly number[] = Array.isArray(rates) ? rates : [rates as number];
  if (list.length === 0) {
    const expected = `${option} to hold at least one rate`;
    throw new LrFindOptionError(where, { option, expected, received: rates, hint });
  }
  for (const [i, received] of list.entries()) {
    if (Number.isFinite(received) && received > 0) continue;
    const expected = `${option}${Array.isArray(rates) ? `[${i}]` : ""} > 0`;
    throw new LrFindOptionError(where, { option, expected, received, hint });
  }
}

function lengthOf(rates: number | readonly number[]): number | undefined {
  return typeof rates === "number" ? undefined : rates.length;
}

function at(rates: number | readonly number[], i: number): number {
  return typeof rates === "number" ? rates : rates[i]!;
}
