import { CurveFormatError } from "../errors.js";
import { type Curve, STOP_REASONS } from "./curve.js";

/**
 * Throws unless a value is a curve: three columns of numbers of equal length, rates above 0 that ascend,
 * `numIt` at least that length, a reason why it stopped. Losses may be anything a training can give, NaN and infinities included.
 *
 * @param where - The caller, which begins the message.
 * @param curve - What should be a curve.
 * @throws CurveFormatError that names the field, and in a column the index.
 */
export function checkCurve(where: string, curve: Curve): void {
  if (typeof curve !== "object" || curve === null) {
    const hint = "parseCurve(text) for a file, or { numIt, stop, lr, loss, smoothed }";
    throw new CurveFormatError(where, { field: "curve", expected: "a curve", received: curve, hint });
  }
  if (!STOP_REASONS.includes(curve.stop)) {
    const expected = `stop to be one of ${STOP_REASONS.join(", ")}`;
    throw new CurveFormatError(where, {
      field: "stop",
      expected,
      received: curve.stop,
      hint: '"completed"',
    });
  }
  for (const field of ["lr", "loss", "smoothed"] as const) checkColumn(where, curve, field);
  const { lr, numIt } = curve;
  if (!Number.isSafeInteger(numIt) || numIt < lr.length) {
    const expected = `numIt to be an integer, at least the ${lr.length} points recorded`;
    throw new CurveFormatError(where, {
      field: "numIt",
      expected,
      received: numIt,
      hint: "how many steps were planned",
    });
  }
  for (let index = 0; index < lr.length; index++) {
    const received = lr[index]!;
    const before = index === 0 ? 0 : lr[index - 1]!;
    if (received > before && Number.isFinite(received)) continue;
    const expected =
      index === 0 || received <= 0 ? `lr[${index}] > 0` : `lr[${index}] above lr[${index - 1}]`;
    const hint = "rates that ascend, unrounded";
    throw new CurveFormatError(where, { field: "lr", index, expected, received, hint });
  }
}

function checkColumn(where: string, curve: Curve, field: "lr" | "loss" | "smoothed"): void {
  const column: unknown = curve[field];
  if (!Array.isArray(column)) {
    const hint = "one number per step";
    throw new CurveFormatError(where, { field, expected: `${field} to be a list`, received: column, hint });
  }
  if (column.length !== curve.lr.length) {
    const expected = `${field} to have the ${curve.lr.length} values of lr`;
    const received = column.length;
    throw new CurveFormatError(where, { field, expected, received, hint: "one value per step" });
  }
  const index = column.findIndex((value) => typeof value !== "number");
  if (index < 0) return;
  const expected = `${field}[${index}] to be a number`;
  throw new CurveFormatError(where, {
    field,
    index,
    expected,
    received: column[index],
    hint: "a number, NaN included",
  });
}
