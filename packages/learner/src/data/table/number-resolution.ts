import { DataError } from "../errors.js";

/** Rounding may move values by this part of their deviation: beyond it a model is shown other data. */
const LARGEST_SHIFT = 0.01;

/**
 * Checks that rounding leaves a column's values apart: float32 holds 24 bits, so that time stamps of a day in
 * milliseconds (1.7e12) move by a minute.
 *
 * @param where - Names the column.
 * @param raw - The values as they came: whole numbers of more than 53 bits lose digits as numbers already.
 * @param numbers - The same as numbers.
 * @param options.as - What they are stored as: "float32", or "float64" where they are normalised before that.
 * @param options.hint - What to do about it.
 * @throws DataError if they move by more than a hundredth of their deviation, are too large, or become one value.
 */
export function checkResolution(
  where: string,
  raw: readonly unknown[],
  numbers: readonly number[],
  { as, hint }: { readonly as: "float32" | "float64"; readonly hint: string },
): void {
  const round = as === "float32" ? Math.fround : (x: number) => x;
  let shift = 0;
  for (const [i, x] of numbers.entries()) {
    shift = Math.max(shift, Math.abs(round(x) - x) + lostDigits(raw[i], x));
  }
  if (shift === 0) return;
  const deviation = deviationOf(numbers);
  // A column of one value has nothing to tell apart.
  if (Number.isFinite(shift) && deviation === 0 && new Set(raw.map(String)).size === 1) return;
  if (shift <= LARGEST_SHIFT * deviation) return;
  const before = new Set(raw.map(String)).size;
  const after = new Set(numbers.map(round)).size;
  const got = Number.isFinite(shift)
    ? `values that it moves by up to ${shift.toPrecision(2)} at a deviation of ${deviation.toPrecision(2)} (${before} distinct ones become ${after})`
    : `values up to ${Math.max(...numbers.map(Math.abs)).toPrecision(3)}`;
  throw new DataError({ where, expected: `numbers that ${as} tells apart`, got, hint });
}

/** How many distinct whole numbers become how many in float32, where some become one; else undefined. */
export function mergedByFloat32(numbers: readonly number[]): readonly [number, number] | undefined {
  const before = new Set(numbers.filter(Number.isInteger));
  const after = new Set([...before].map(Math.fround));
  return after.size < before.size ? [before.size, after.size] : undefined;
}

/** How far a whole number of many digits is from the float64 next to it. */
function lostDigits(raw: unknown, x: number): number {
  if (typeof raw === "bigint") return Math.abs(Number(raw - BigInt(x)));
  if (typeof raw !== "string" || !/^\s*[+-]?\d+\s*$/.test(raw)) return 0;
  return Math.abs(Number(BigInt(raw.trim().replace(/^\+/, "")) - BigInt(x)));
}

function deviationOf(numbers: readonly number[]): number {
  const origin = numbers[0] ?? 0;
  const mean = numbers.reduce((sum, x) => sum + (x - origin), 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, x) => sum + (x - origin - mean) ** 2, 0) / numbers.length);
}
