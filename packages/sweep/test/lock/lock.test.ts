import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  checkLock,
  lockOf,
  parseLock,
  type Row,
  readLock,
  SweepError,
  type SweepLock,
  type SweepSpec,
  saveLock,
} from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "lock-"));
writeFileSync(join(folder, "learner.js"), "export default () => {};\n");
const SPEC: SweepSpec = {
  model: "./learner.js",
  axes: { wd: [0, 0.1] },
  lr: { factors: [0.3, 1] },
  epochs: 3,
};

function row(wd: number, factor: number, lr: number, score?: number): Row {
  return {
    point: { key: `${wd}-${factor}`, config: { wd }, rate: { factor } },
    lr,
    epochs: score === undefined ? 1 : 3,
    ...(score === undefined ? {} : { score }),
    scores: score === undefined ? [] : [score],
    jobs: [],
  };
}

const ROWS = [
  row(0.1, 0.3, 0.3 * 0.07, 0.5),
  row(0, 1, 0.05, 0.6),
  row(0, 0.3, 0.3 * 0.05, 0.7),
  row(0.1, 1, 0.07),
];

test("pins the best that was trained to the end, and the rates that range tests found", async () => {
  const lock = lockOf(SPEC, ROWS, folder);
  expect(lock.best).toEqual({
    ...{ config: { wd: 0.1 }, lr: 0.3 * 0.07, schedule: "oneCycle", epochs: 3 },
    ...{ monitor: "validLoss", score: 0.5 },
  });
  expect(new Set(lock.found)).toEqual(
    new Set([
      { config: { wd: 0 }, lr: 0.05 },
      { config: { wd: 0.1 }, lr: 0.07 },
    ]),
  );
  // The order of the rows, and with it chance, changes nothing in the file.
  expect(lockOf(SPEC, [ROWS[0]!, ...ROWS.slice(1).reverse()], folder)).toEqual(lock);

  const path = join(folder, "lrfind.lock.json");
  await saveLock(path, lock);
  expect(readLock(path)).toEqual(lock);
  expect(readFileSync(path, "utf8").endsWith("}\n")).toBe(true);
  expect(() => checkLock(lock, SPEC, folder)).not.toThrow();
  // Defaults that are written out are the same spec.
  expect(() => checkLock(lock, { ...SPEC, monitor: "validLoss" }, folder)).not.toThrow();
});

test("nothing trained to the end is no lock", () => {
  expect(() => lockOf(SPEC, [row(0, 1, 0.1)], folder)).toThrow(
    /lockOf: expected a combination that was trained to the end, got none; try the same sweep again/,
  );
});

test("a spec or a module that changed is said", () => {
  const lock = lockOf(SPEC, ROWS, folder);
  expect(() => checkLock(lock, { ...SPEC, epochs: 4 }, folder)).toThrow(
    "the lock: expected one of this sweep, got one of before the spec changed; try lrfind sweep without --locked",
  );
  const other = mkdtempSync(join(tmpdir(), "lock-"));
  writeFileSync(join(other, "learner.js"), "export default () => 1;\n");
  expect(() => checkLock(lock, SPEC, other)).toThrow(/got one of before \.\/learner\.js changed/);
});

describe("what is no lock is refused in one line", () => {
  test.each([
    ["{", /expected a lock of a sweep as JSON/],
    ["{}", /got something else/],
    ["null", /got something else/],
    ['{ "format": "lrfind-lock", "version": 2 }', /got version 2, or a part of one/],
    [JSON.stringify({ ...lockOf(SPEC, ROWS, folder), best: { lr: "0.1" } }), /a part of one/],
  ])("%s", (text, message) => {
    expect(() => parseLock(text, "lrfind.lock.json")).toThrow(SweepError);
    expect(() => parseLock(text, "lrfind.lock.json")).toThrow(message);
  });

  test("none at all", () => {
    expect(() => readLock(join(folder, "none.json"))).toThrow(
      /none\.json: expected a lock of a sweep, got none; try lrfind sweep, which writes it/,
    );
    expect(() => checkLock({} as SweepLock, SPEC, folder)).toThrow(/checkLock: expected a lock/);
  });
});
