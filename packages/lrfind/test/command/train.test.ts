import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { TrainDoor } from "../../src/command/doors/learner.js";
import { runCommand } from "../../src/command/program.js";
import { runPredict, runTrain } from "../../src/command/train.js";
import { fakeHost } from "./fake-host.js";

/** A Learner's package that keeps what it is asked. */
function fakeDoor(asked: { data?: string; options?: object } = {}): TrainDoor {
  return {
    async planData(data, options) {
      Object.assign(asked, { data, options });
      return { lines: [`${data}: CSV`, "  x  number\u001b[31m"] };
    },
    async trainData(data, options, host) {
      Object.assign(asked, { data, options });
      (host as { say(line: string): void }).say(`${data}: CSV`);
      return {
        plan: { lines: [] },
        lr: 0.1,
        metric: 0.9,
        baselines: { constant: 0.5 },
        beatsBaselines: true,
        folder: "x",
        files: ["model.onnx"],
      };
    },
    async predictData() {
      return [
        { item: 1, prediction: 'a "b"', probability: 0.5 },
        { item: 2, prediction: null, why: "no, not this" },
      ];
    },
  };
}

const flags = { out: "run" };

test("says what it does on standard output, paths as they were typed, and the next command", async () => {
  const host = fakeHost();
  const asked: { data?: string; options?: object } = {};
  expect(await runTrain("a.csv", { ...flags, epochs: 3 } as never, host, fakeDoor(asked))).toBe(0);
  expect(asked).toEqual({
    data: resolve(host.cwd, "a.csv"),
    options: { epochs: 3, out: resolve(host.cwd, "run") },
  });
  expect(host.stdout).toBe(
    "a.csv: CSV\nwrote run/model.onnx\nnext: lrfind predict run/model.onnx NEW_DATA\n",
  );
});

test("--json prints what came out, and says the rest on standard error", async () => {
  const host = fakeHost();
  await runTrain("a.csv", { ...flags, json: true }, host, fakeDoor());
  expect(JSON.parse(host.stdout)).toMatchObject({
    lr: 0.1,
    metric: 0.9,
    beatsBaselines: true,
    folder: "run",
  });
  expect(host.stderr).toBe("a.csv: CSV\n");
});

test("a dry run tells the plan, harmless for a terminal", async () => {
  const host = fakeHost();
  expect(await runTrain("a.csv", { ...flags, dryRun: true }, host, fakeDoor())).toBe(0);
  expect(host.stdout).toBe("a.csv: CSV\n  x  number\n");
});

describe("predictions", () => {
  const what = { model: "m.onnx", data: "d.csv" };
  test("as CSV", async () => {
    const host = fakeHost();
    await runPredict(what, { format: "csv" }, host, fakeDoor());
    expect(host.stdout).toBe('item,prediction,probability,why\n1,"a ""b""",0.5,\n2,,,"no, not this"\n');
  });

  test("as JSON lines, into a file", async () => {
    const host = fakeHost();
    await runPredict(what, { format: "jsonl", out: "p.jsonl" }, host, fakeDoor());
    const lines = readFileSync(join(host.cwd, "p.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(await fakeDoor().predictData("", "", {}));
    expect(host.stderr).toBe("wrote p.jsonl\n");
  });
});

test.each([
  [["--types", "x"], /expected COLUMN=KIND/],
  [["--types", "x=nummer"], /expected number, category, date, text, ignore; try number/],
  [["--layers", "20,x"], /expected a number/],
  [["--tagret", "x"], /Did you mean --target\?/],
])("lrfind train a.csv %j", async (args, message) => {
  const host = fakeHost();
  expect(await runCommand(["train", "a.csv", ...args], host)).toBe(2);
  expect(host.stderr).toMatch(message);
});
