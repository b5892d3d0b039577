import { CurveFormatError } from "../errors.js";
import { jsonLine, numberOf, parsedJson } from "../json-text.js";
import { checkCurve } from "./check-curve.js";
import type { Curve, StopReason } from "./curve.js";
import { smooth } from "./smoothing.js";

const VERSION = 1;
/**
 * A curve as the text of a `curve.json`: one field per line, numbers in full precision, and what JSON has no
 * number for as the strings "NaN", "Infinity" and "-Infinity".
 *
 * @param curve - Any curve.
 * @returns JSON that `parseCurve` reads back to the same curve, with a final line break.
 *
 * @example
 * ```ts
 * await writeFile("curve.json", curveToJson(result.curve));
 * ```
 */
export function curveToJson(curve: Curve): string {
  checkCurve("curveToJson", curve);
  return `{
  "version": ${VERSION},
  "numIt": ${curve.numIt},
  "stop": ${JSON.stringify(curve.stop)},
  "lr": ${jsonLine(curve.lr)},
  "loss": ${jsonLine(curve.loss)},
  "smoothed": ${jsonLine(curve.smoothed)}
}
`;
}

/**
 * Reads a `curve.json`, and says what is wrong with one that is not.
 *
 * `stop` and `smoothed` may be left out, by a log from elsewhere: `smoothed` is then computed with the default
 * smoothing, and `stop` follows from the losses (one that is not finite at the end: `nonFinite`; fewer points
 * than `numIt`: `diverged`; else `completed`). Other fields are ignored.
 *
 * @param json - The text, or the object parsed from it.
 * @returns The curve.
 * @throws CurveFormatError that names the field, and in a column the index.
 *
 * @example
 * ```ts
 * const curve = parseCurve(await readFile("curve.json", "utf8"));
 * ```
 */
export function parseCurve(json: unknown): Curve {
  const fields = typeof json === "string" ? parsedJson(json, noJson) : json;
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    const expected = "a curve object";
    throw new CurveFormatError("parseCurve", { field: "curve", expected, received: fields, hint: HINT });
  }
  const { version, numIt, stop, lr, loss, smoothed } = fields as Record<string, unknown>;
  if (version !== VERSION) {
    const hint = version === undefined ? HINT : "a newer lrfind, or writing the file again with this one";
    throw new CurveFormatError("parseCurve", {
      field: "version",
      expected: "version 1",
      received: version,
      hint,
    });
  }
  const losses = column("loss", loss);
  const curve: Curve = {
    numIt: numIt as number,
    stop: (stop as StopReason | undefined) ?? impliedStop(numIt as number, losses),
    lr: column("lr", lr),
    loss: losses,
    smoothed: smoothed === undefined ? smooth(losses) : column("smoothed", smoothed),
  };
  checkCurve("parseCurve", curve);
  return curve;
}

const HINT = '{ "version": 1, "numIt": 100, "stop": "completed", "lr": […], "loss": […], "smoothed": […] }';

function noJson(problem: { readonly expected: string; readonly received: string }): never {
  throw new CurveFormatError("parseCurve", { field: "curve", ...problem, hint: HINT });
}

/** A list of numbers, some of them perhaps written as strings. */
function column(field: string, values: unknown): number[] {
  if (!Array.isArray(values)) {
    const expected = `${field} to be a list`;
    throw new CurveFormatError("parseCurve", {
      field,
      expected,
      received: values,
      hint: "one number per step",
    });
  }
  return values.map((value: unknown, index) => {
    const number = numberOf(value);
    if (typeof number === "number") return number;
    const expected = `${field}[${index}] to be a number, "NaN", "Infinity" or "-Infinity"`;
    const hint = '"NaN" for a loss that was not a number';
    throw new CurveFormatError("parseCurve", { field, index, expected, received: value, hint });
  });
}

function impliedStop(numIt: number, losses: readonly number[]): StopReason {
  if (losses.length > 0 && !Number.isFinite(losses.at(-1))) return "nonFinite";
  return losses.length < numIt ? "diverged" : "completed";
}
