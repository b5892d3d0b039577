import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/command/program.js";
import { parseEvent, parseResult, type SearchEvent, SearchRecord } from "../../src/finder/index.js";
import { type FakeHost, fakeHost } from "./fake-host.js";

/** f(w) = w² by gradient descent; says how many steps were made, and whether it was disposed. */
const TRAINER = `
let w = 1;
export const made = globalThis.made = { steps: 0, disposed: 0 };
const trainer = {
  info: { name: "toy" },
  async startTrial() {
    const saved = w;
    return {
      async step(lr) { made.steps++; await WAIT; const loss = w * w + 0.001 * Math.sin(made.steps); w -= lr * 2 * w; return loss; },
      async [Symbol.asyncDispose]() { w = saved; },
    };
  },
  async [Symbol.asyncDispose]() { made.disposed++; },
};
`;
const module = (tail: string, wait = "undefined") => TRAINER.replace("WAIT", wait) + tail;
const made = () => (globalThis as unknown as { made: { steps: number; disposed: number } }).made;

async function ran(source: string, flags: readonly string[] = [], host: FakeHost = fakeHost()) {
  writeFileSync(join(host.cwd, "trainer.mjs"), source);
  const code = await runCommand(["run", "trainer.mjs", ...flags], host);
  return { host, code };
}

const resultIn = (host: FakeHost, folder = "lr-find") =>
  parseResult(readFileSync(join(host.cwd, folder, "result.json"), "utf8"));

test("finds a rate, prints it last, and writes what it measured", async () => {
  const { host, code } = await ran(module("export default trainer;"), ["--end-lr", "100"]);
  expect(code).toBe(0);
  const result = resultIn(host);
  expect(
    "lr" in result && host.stdout.endsWith(`learning rate ${Number(result.lr!.toPrecision(3))} (valley)\n`),
  ).toBe(true);
  expect(readdirSync(join(host.cwd, "lr-find")).sort()).toEqual([
    "curve.json",
    "plot.png",
    "plot.svg",
    "report.html",
    "result.json",
  ]);
  expect(host.stderr).toMatch(/^10\/100 {2}lr .*\n[\s\S]*wrote lr-find\/result\.json, .*report\.html/);
  expect(made().disposed).toBe(1);
});

test.each([
  ["a function that makes one", "export default () => trainer;"],
  ["a promise of one", "export default async () => trainer;"],
])("%s", async (_, tail) => {
  expect((await ran(module(tail), ["--num-it", "30", "--no-plot"])).code).toBeLessThan(2);
});

test("--json prints the result, --stream the events, and both agree with the file", async () => {
  const flags = ["--num-it", "20", "--runs", "2"];
  const json = await ran(module("export default trainer;"), [...flags, "--json"]);
  expect(parseResult(json.host.stdout)).toEqual(resultIn(json.host));
  const stream = await ran(module("export default trainer;"), [...flags, "--stream"]);
  const record = new SearchRecord();
  const events = stream.host.stdout
    .trimEnd()
    .split("\n")
    .map((line) => parseEvent(line) as SearchEvent);
  for (const event of events) record.add(event);
  expect(record.result).toEqual(resultIn(stream.host));
});

test("flags reach the search", async () => {
  const flags = [
    "--num-it",
    "12",
    "--start-lr",
    "1e-3",
    "--end-lr",
    "1",
    "--sweep",
    "linear",
    "--seed",
    "5",
    "--beta",
    "0.5",
    "--no-stop-div",
    "--out",
    "elsewhere",
  ];
  const { options } = resultIn((await ran(module("export default trainer;"), flags)).host, "elsewhere");
  expect(options).toMatchObject({
    numIt: 12,
    startLr: 1e-3,
    endLr: 1,
    sweep: "linear",
    seed: 5,
    beta: 0.5,
    stopDiv: false,
  });
});

test("a dry run checks everything and trains nothing", async () => {
  const { host, code } = await ran(module("export default trainer;"), ["--dry-run"]);
  expect(host.stdout).toBe(
    "trainer.mjs: toy\nwould run 1 x 100 steps and ask valley, slide, steep, minimum, edge\n",
  );
  expect([code, made().steps, existsSync(join(host.cwd, "lr-find"))]).toEqual([0, 0, false]);
  expect((await ran(module("export default trainer;"), ["--dry-run", "--num-it", "2"])).code).toBe(2);
});

test("Ctrl-C ends it: what was measured is kept, and the exit code is 130", async () => {
  const host = fakeHost();
  const running = ran(
    module("export default trainer;", "new Promise((resolve) => setTimeout(resolve, 2))"),
    ["--num-it", "100000"],
    host,
  );
  while (made().steps < 5 || !existsSync(join(host.cwd, "lr-find/result.json")))
    await new Promise((resolve) => setTimeout(resolve, 5));
  host.interrupt();
  expect((await running).code).toBe(130);
  const result = resultIn(host);
  expect("curve" in result && result.curve.stop).toBe("aborted");
  expect(host.stderr).toContain("stopped: what was measured is in lr-find/result.json");
});

describe("what cannot be run is said in one line", () => {
  test.each([
    [
      "no default",
      "export const a = 1;",
      /expected a default export that is a Trainer .*, got no default export \(a\)/,
    ],
    ["something else", "export default 5;", /got 5; try export default new Learner/],
    [
      "a module that throws",
      "throw new Error('no data');",
      /expected a module that loads, got Error: no data/,
    ],
    [
      "a maker that throws",
      "export default () => { throw new TypeError('bad shape'); };",
      /^lrfind: TypeError: bad shape \(LRFIND_DEBUG=1 shows where\)/,
    ],
    [
      "a step that throws",
      module(
        "export default { ...trainer, startTrial: async () => ({ step() { throw new Error('out of memory'); }, async [Symbol.asyncDispose]() {} }) };",
      ),
      /out of memory/,
    ],
  ])("%s", async (_, source, message) => {
    const { host, code } = await ran(source);
    expect(code).toBe(2);
    expect(host.stderr.trimEnd().split("\n").at(-1)).toMatch(message);
    expect(host.stderr).not.toMatch(/\n {4}at /);
  });

  test("the stack is there for who asks", async () => {
    const { host } = await ran(
      "export default () => { throw new TypeError('bad shape'); };",
      [],
      fakeHost({ LRFIND_DEBUG: "1" }),
    );
    expect(host.stderr).toMatch(/bad shape\n[\s\S]*\n {4}at .*trainer\.mjs/);
  });
});

test("lrfind report makes a page of results and curves", async () => {
  const { host } = await ran(module("export default trainer;"), ["--num-it", "40", "--no-plot"]);
  expect(
    await runCommand(["report", "lr-find/result.json", "lr-find/curve.json", "-o", "both.html"], host),
  ).toBe(0);
  expect(readFileSync(join(host.cwd, "both.html"), "utf8")).toContain("Side by side");
  expect(await runCommand(["report", "trainer.mjs"], host)).toBe(2);
  expect(host.stderr.trimEnd().split("\n").at(-1)).toMatch(/^lrfind: parseResult: expected JSON/);
});
