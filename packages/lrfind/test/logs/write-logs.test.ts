import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LrfindError } from "../../src/core/index.js";
import { type LoggedStep, readLogs, stepsOf, toCsvLog, toTfevents } from "../../src/logs/index.js";
import { recordedTest } from "./recorded-test.js";

const { lr, loss } = recordedTest();
const CURVE = { numIt: 100, stop: "completed", lr, loss, smoothed: loss.map((value) => value / 2) } as const;

test("event files have the bytes that TensorBoard's own writer gives", () => {
  const steps: LoggedStep[] = [
    { step: 0, scalars: { lr: 0.1, loss: 2.5 }, wallTime: 1.5 },
    { step: 7, scalars: { "valid loss": Number.NaN }, wallTime: 2.25 },
    { step: 300, scalars: { loss: -1e-3 }, wallTime: 3 },
  ];
  // tensorboard 2.21: RecordWriter, Event(wall_time=1.5, file_version="brain.Event:2") and an Event for each step.
  const golden =
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c2300000000000000b09f774309000000000000f83f2a180a090a026c7215cdcccc3d0a0b0a046c6f737315000020404672eb50200000000000000029eda95009000000000000024010072a130a110a0a76616c6964206c6f7373150000c07fb5403de11b000000000000001a0d9e1309000000000000084010ac022a0d0a0b0a046c6f7373156f1283ba8bf79e50";
  expect(Buffer.from(toTfevents(steps)).toString("hex")).toBe(golden);
  const parts = [toTfevents(steps.slice(0, 1)), toTfevents(steps.slice(1), { header: false })];
  expect(Buffer.concat(parts).toString("hex")).toBe(golden);
});

describe("what is written is read back", () => {
  test("as CSV, to the last digit", () => {
    const [log] = readLogs([{ name: "log.csv", contents: toCsvLog(stepsOf(CURVE)) }], {
      loss: "loss",
      smoothing: "none",
    });
    expect(log!.curve.lr).toEqual(lr);
    expect(log!.curve.loss).toEqual(loss);
  });

  test("as events, to float32", () => {
    const contents = toTfevents(stepsOf(CURVE));
    const [log] = readLogs([{ name: "events.out.tfevents.1", contents }], {
      loss: "loss",
      smoothing: "none",
    });
    expect(log!.curve.lr).toEqual(lr.map(Math.fround));
    expect(log!.curve.loss).toEqual(loss.map(Math.fround));
  });
});

test("whatever the names and numbers, CSV has a row for each step and a cell for each name", async () => {
  const { default: papa } = await import("papaparse");
  const scalars = fc.dictionary(fc.string({ minLength: 1 }), fc.double());
  fc.assert(
    fc.property(fc.array(scalars, { minLength: 1 }), (rows) => {
      const steps = rows.map((each, step) => ({ step, scalars: each }));
      const { data } = papa.parse<string[]>(toCsvLog(steps).trimEnd(), { delimiter: "," });
      expect(data.length).toBe(rows.length + 1);
      const names = data[0]!;
      for (const [i, row] of rows.entries()) {
        for (const [name, value] of Object.entries(row)) {
          const cell = data[i + 1]![names.indexOf(name, 1)]!;
          expect(Object.is(Number(cell), Object.is(value, -0) ? 0 : value)).toBe(true);
        }
      }
    }),
  );
});

test("what is no step is refused", () => {
  for (const wrong of [null, {}, [{}], [{ step: 0.5, scalars: {} }], [{ step: 0, scalars: { a: "1" } }]]) {
    expect(() => toCsvLog(wrong as never)).toThrow(LrfindError);
    expect(() => toTfevents(wrong as never)).toThrow(LrfindError);
  }
  expect(() => toTfevents([], { headers: true } as never)).toThrow(/try header/);
  expect(() => stepsOf({} as never)).toThrow(LrfindError);
});
