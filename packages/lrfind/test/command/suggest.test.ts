import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/command/program.js";
import { edge, suggest, valley } from "../../src/finder/index.js";
import { readLogs } from "../../src/logs/index.js";
import { csvOf, recordedTest } from "../logs/recorded-test.js";
import { type FakeHost, fakeHost } from "./fake-host.js";

const { lr, loss } = recordedTest();
const LOG = csvOf({ lr, loss });
const TRAINING = csvOf({ lr: lr.map(() => 0.001), loss });

/** Runs `lrfind suggest` where some files are. */
async function suggested(
  files: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  host: FakeHost = fakeHost(),
): Promise<FakeHost & { readonly code: number }> {
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(host.cwd, name), contents);
  const logs = Object.keys(files).filter((name) => !name.startsWith("lrfind.config"));
  const code = await runCommand(["suggest", ...logs, ...flags], host);
  return Object.assign(Object.create(host, Object.getOwnPropertyDescriptors(host)), { code });
}

test("prints how it was read, the plot, the table and, last, the rate", async () => {
  const { stdout, stderr, code } = await suggested({ "log.csv": LOG });
  const [log] = readLogs([{ name: "log.csv", contents: LOG }]);
  const rate = suggest(log!.curve, { suggestFuncs: [valley] }).valley.lr!;
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toBe("log.csv: CSV, 100 steps from 1e-7 to 10");
  expect(lines.at(-1)).toBe(`learning rate ${Number(rate.toPrecision(3))} (valley)`);
  expect(stdout).toContain("│ slide");
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

test("--suggest-funcs decides whose rate is the answer", async () => {
  const { stdout } = await suggested({ "log.csv": LOG }, ["--suggest-funcs", "edge,valley", "--no-plot"]);
  expect(stdout).toMatch(/learning rate \S+ \(edge\)\n$/);
  expect(stdout).not.toContain("slide");
});

test("--json is for programs", async () => {
  const { stdout } = await suggested({ "a.csv": LOG, "b.csv": LOG }, ["--json"]);
  const answers = JSON.parse(stdout) as { name: string; lr: number; suggestions: { edge: { lr: number } } }[];
  expect(answers.map(({ name }) => name)).toEqual(["a.csv", "b.csv"]);
  const [log] = readLogs([{ name: "a.csv", contents: LOG }]);
  expect(answers[0]!.suggestions.edge.lr).toBe(suggest(log!.curve, { suggestFuncs: [edge] }).edge.lr);
});

test("pictures and report are written, several logs in one", async () => {
  const host = await suggested({ "a.csv": LOG, "b.csv": LOG }, [
    "--svg",
    "x/p.svg",
    "--png",
    "p.png",
    "--html",
    "r.html",
  ]);
  expect(readFileSync(join(host.cwd, "x/p.svg"), "utf8")).toContain(">a.csv: ");
  expect(readFileSync(join(host.cwd, "p.png")).subarray(1, 4).toString()).toBe("PNG");
  expect(readFileSync(join(host.cwd, "r.html"), "utf8")).toContain("Side by side");
  expect(host.stderr).toBe("wrote x/p.svg\nwrote p.png\nwrote r.html\n");
});

test("a dry run says how a log is read, and no rate", async () => {
  const host = await suggested({ "log.csv": LOG }, ["--dry-run", "--svg", "p.svg"]);
  expect(host.stdout).toBe("log.csv: CSV, 100 steps from 1e-7 to 10\n");
  expect(existsSync(join(host.cwd, "p.svg"))).toBe(false);
});

test("rates of a sweep, and columns, by flags", async () => {
  const files = { "log.csv": csvOf({ a: loss }).replaceAll("\n", ",1\n").replace("a,1", "a,b") };
  const { stdout, code } = await suggested(files, ["--loss", "a", "--rates", "1e-7:10", "--no-plot"]);
  expect(code).toBe(0);
  expect(stdout).toContain("100 steps from 1e-7 to 10");
});

describe("exit codes and errors", () => {
  test.each([
    [
      "a training",
      { "log.csv": TRAINING },
      [],
      1,
      /^lrfind: log\.csv: expected a range test: .* got a training at one rate, 0\.001; try /,
    ],
    [
      "no rate",
      { "log.csv": csvOf({ step: lr.map((_, i) => i), loss }) },
      [],
      2,
      /expected the learning rate of each step/,
    ],
    ["no file", {}, ["nothing.csv"], 2, /^lrfind: nothing\.csv: expected a file that can be read, got none$/],
    ["a folder", {}, ["."], 2, /expected a file, got a folder/],
    [
      "too large",
      { "log.csv": LOG },
      ["--max-size", "0.001"],
      2,
      /expected a file of at most 0\.001 MB, got 0\.0 MB; try --max-size 1$/,
    ],
    [
      "a flag that is none",
      { "log.csv": LOG },
      ["--smoothin", "none"],
      2,
      /unknown option '--smoothin'; Did you mean --smoothing\?/,
    ],
    ["a value that is none", { "log.csv": LOG }, ["--smoothing", "lightening"], 2, /try lightning/],
    ["a suggester that is none", { "log.csv": LOG }, ["--suggest-funcs", "vally"], 2, /try valley/],
    ["a column that is none", { "log.csv": LOG }, ["--loss", "los"], 2, /got "los"; try loss/],
    ["rates that are none", { "log.csv": LOG }, ["--rates", "10:1"], 2, /two rates above 0, rising/],
  ] as const)("%s", async (_, files, flags, code, message) => {
    const host = await suggested(files, flags);
    expect(host.code).toBe(code);
    expect(host.stderr.split("\n")[0]).toMatch(message);
    expect(host.stderr).not.toMatch(/\n {4}at /);
    expect(host.stdout).toBe("");
  });

  test("a curve that supports no rate is 1, with the reason", async () => {
    const { code, stdout } = await suggested({ "log.csv": csvOf({ lr, loss: lr.map(() => 1) }) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/learning rate none \(valley: the loss is the same at every rate\)\n$/);
  });
});

describe("lrfind.config", () => {
  const config = "export default { suggest: { suggestFuncs: ['edge'], plot: false } };";
  test("gives what the command line does not", async () => {
    const files = { "log.csv": LOG, "lrfind.config.mjs": config };
    expect((await suggested(files)).stdout).toMatch(/^log\.csv[^\n]*\n┌[\s\S]*\(edge\)\n$/);
    expect((await suggested(files, ["--suggest-funcs", "steep"])).stdout).toMatch(/\(steep\)\n$/);
  });

  test("is refused where it says what no command knows", async () => {
    for (const [text, message] of [
      [
        "export default { sugest: {} };",
        /lrfind\.config\.mjs: expected a known option, got "sugest"; try suggest/,
      ],
      ["export default { suggest: { suggestFunc: ['edge'] } };", /got "suggestFunc"; try suggestFuncs/],
      ["export default { suggest: { suggestFuncs: ['edg'] } };", /try edge/],
      ["export const a = 1;", /expected a default export/],
      ["export default {", /expected a module that loads, got \w*Error/],
    ] as const) {
      const { code, stderr } = await suggested({ "log.csv": LOG, "lrfind.config.mjs": text });
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
  });
});

test("as narrow as asked: no line is wider than 40 columns but messages", async () => {
  const { stdout } = await suggested({ "log.csv": LOG }, [], fakeHost({ COLUMNS: "40" }));
  const drawn = stdout.split("\n").filter((line) => /[│┤━┌└├]/.test(line));
  expect(drawn.length).toBeGreaterThan(20);
  for (const line of drawn) expect(line.length).toBeLessThanOrEqual(40);
});
