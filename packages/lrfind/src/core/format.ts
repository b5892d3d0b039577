import { type Check, checkArgument } from "./checks.js";

/** Any number, NaN and infinities included. */
const NUMBER: Check = { expected: "a number", accepts: (value) => typeof value === "number" };

/**
 * A learning rate as people write it, to three significant digits: the one way in which lrfind prints rates, on
 * axes, in legends, tables and messages.
 *
 * @param lr - The rate; null where there is none.
 * @returns Plain decimals from 0.001 up to 1000 (`"0.0229"`), powers of ten outside (`"3.02e-5"`), `"none"` for null.
 *
 * @example
 * ```ts
 * formatRate(0.0030199); // "0.00302"
 * formatRate(1e-7); // "1e-7"
 * console.log(`learning rate ${formatRate(result.lr)}`);
 * ```
 */
export function formatRate(lr: number | null): string {
  if (lr === null) return "none";
  checkArgument("formatRate", "lr", lr, NUMBER);
  const rounded = Number(lr.toPrecision(3));
  const size = Math.abs(rounded);
  if (size === 0 || (size >= 0.001 && size < 1000)) return String(rounded);
  return rounded.toExponential().replace("e+", "e");
}

/**
 * A loss or a metric to four significant digits: the one way in which lrfind prints them.
 *
 * @param value - Any number.
 * @returns Plain decimals from 1e-6 up to 9999 (`"0.5760"`), powers of ten outside (`"4.412e6"`), `"NaN"`, `"Infinity"`.
 *
 * @example
 * ```ts
 * formatLoss(0.57594); // "0.5759"
 * formatLoss(4412345); // "4.412e6"
 * ```
 */
export function formatLoss(value: number): string {
  checkArgument("formatLoss", "value", value, NUMBER);
  return value.toPrecision(4).replace("e+", "e");
}

/** A text as a cell of CSV: in quotes where it has a comma, a quote or a line break. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
