/**
 * A learning rate as people write it, to three significant digits.
 *
 * @param lr - The rate.
 * @returns Plain decimals from 0.001 up to 1000 (`"0.0229"`), powers of ten outside (`"3.02e-5"`).
 *
 * @example
 * ```ts
 * formatRate(0.0030199); // "0.00302"
 * formatRate(1e-7); // "1e-7"
 * ```
 */
export function formatRate(lr: number): string {
  const rounded = Number(lr.toPrecision(3));
  if (rounded >= 0.001 && rounded < 1000) return String(rounded);
  return rounded.toExponential().replace("e+", "e");
}

/** The label of a power of ten on the rate axis: 1e-7 … 1e-3, 0.01, 0.1, 1, 10, 100, 1e3. */
export function formatTick(lr: number): string {
  return lr > 0.005 && lr < 1000 ? String(Number(lr.toPrecision(3))) : lr.toExponential().replace("e+", "e");
}
