import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  arrayOf,
  boolean,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  csvCell,
} from "../core/index.js";
import type { Curve } from "../finder/index.js";
import { checkCurve } from "../finder/internal.js";
import { maskedCrc32c } from "./formats/crc32c.js";

/** The numbers of a step, by name. */
export interface LoggedStep {
  /** From 0. */
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
  /** When it was, in seconds since 1970. @default 0 */
  readonly wallTime?: number;
}

/** How event files are written. */
export interface TfeventsOptions {
  /** Whether the file's first record, which says its version, is written too; not where lines are added to a file. @default true */
  readonly header?: boolean;
}

const STEP: Check = {
  expected: "{ step, scalars }",
  accepts(value) {
    const { step, scalars, wallTime = 0 } = Object(value) as Partial<LoggedStep>;
    return (
      Number.isSafeInteger(step) &&
      Number.isFinite(wallTime) &&
      typeof scalars === "object" &&
      scalars !== null &&
      Object.values(scalars).every((scalar) => typeof scalar === "number")
    );
  },
};

const STEPS = arrayOf(STEP);
const OPTIONS: Checks<TfeventsOptions> = { header: boolean };

/**
 * The steps of a curve, to be written as a log: rate, loss and smoothed loss, as `lr`, `loss` and `smoothed`.
 *
 * @param curve - A recorded curve.
 * @throws {LrfindError} when it is none.
 *
 * @example
 * ```ts
 * const { curve } = await lrFind(trainer);
 * await writeFile("range-test.csv", toCsvLog(stepsOf(curve)));
 * ```
 */
export function stepsOf(curve: Curve): LoggedStep[] {
  checkCurve("stepsOf", curve);
  return curve.lr.map((lr, step) => ({
    step,
    scalars: { lr, loss: curve.loss[step]!, smoothed: curve.smoothed[step]! },
  }));
}

/**
 * Steps as a CSV file: a column `step`, and one for each name, in the order in which they come; empty where a step has no such
 * number. `readLogs` reads it.
 *
 * @param steps - The steps.
 * @throws {OptionError} when one is none.
 *
 * @example
 * ```ts
 * toCsvLog([{ step: 0, scalars: { lr: 0.1, loss: 2.3 } }]); // "step,lr,loss\n0,0.1,2.3\n"
 * ```
 */
export function toCsvLog(steps: readonly LoggedStep[]): string {
  checkArgument("toCsvLog", "steps", steps, STEPS);
  const names = [...new Set(steps.flatMap(({ scalars }) => Object.keys(scalars)))];
  const rows = steps.map(({ step, scalars }) =>
    [step, ...names.map((name) => (Object.hasOwn(scalars, name) ? String(scalars[name]) : ""))].join(","),
  );
  return `${[["step", ...names.map(csvCell)].join(","), ...rows].join("\n")}\n`;
}

/**
 * Steps as TensorBoard's events: the bytes of a file that is to be named `events.out.tfevents.` and something more. Numbers are
 * kept to float32, as TensorBoard's are. `readLogs` reads it.
 *
 * @param steps - The steps; those of several calls may be written one behind another.
 * @param options - See `TfeventsOptions`.
 * @throws {OptionError} when one is none, or an option cannot be used.
 *
 * @example
 * ```ts
 * const { curve } = await lrFind(trainer);
 * await writeFile("runs/events.out.tfevents.1.range-test", toTfevents(stepsOf(curve)));
 * ```
 *
 * Source: TensorFlow's TFRecord format, and `tensorboard/compat/proto/event.proto`.
 */
export function toTfevents(steps: readonly LoggedStep[], options: TfeventsOptions = {}): Uint8Array {
  checkArgument("toTfevents", "steps", steps, STEPS);
  checkOptions("toTfevents", options, OPTIONS);
  const { header = true } = options;
  const first = steps[0]?.wallTime ?? 0;
  const events = [...(header ? [versionEvent(first)] : []), ...steps.map(eventOf)];
  const records = events.map(recordOf);
  const whole = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    whole.set(record, at);
    at += record.length;
  }
  return whole;
}

/** The event that a file begins with. */
function versionEvent(wallTime: number): Uint8Array {
  const event = new BinaryWriter();
  if (wallTime !== 0) event.tag(1, WireType.Bit64).double(wallTime);
  return event.tag(3, WireType.LengthDelimited).string("brain.Event:2").finish();
}

/** An `Event`: its time, its step, and a `Summary` with a `simple_value` for each number. */
function eventOf({ step, scalars, wallTime = 0 }: LoggedStep): Uint8Array {
  const summary = new BinaryWriter();
  for (const [name, value] of Object.entries(scalars)) {
    const scalar = new BinaryWriter();
    scalar.tag(1, WireType.LengthDelimited).string(name).tag(2, WireType.Bit32).float(value);
    summary.tag(1, WireType.LengthDelimited).bytes(scalar.finish());
  }
  const event = new BinaryWriter();
  // Zeros are what protobuf leaves out.
  if (wallTime !== 0) event.tag(1, WireType.Bit64).double(wallTime);
  if (step !== 0) event.tag(2, WireType.Varint).int64(step);
  return event.tag(5, WireType.LengthDelimited).bytes(summary.finish()).finish();
}

/** A record of TFRecord's form: the length, its checksum, the data, their checksum. */
function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
