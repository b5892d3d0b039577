import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const folder = new URL("../examples/", import.meta.url);

/** Runs an example as its reader does, and gives what it prints. */
async function run(name: string): Promise<string> {
  const file = fileURLToPath(new URL(`${name}.ts`, folder));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file]);
  return stdout;
}

/** The number behind a word at the start of a line. */
function printed(output: string, word: string): number {
  const match = new RegExp(`^${word} ([\\d.]+)`, "m").exec(output);
  if (!match) throw new Error(`expected a line "${word} NUMBER", got:\n${output}`);
  return Number(match[1]);
}

/** What each example must reach on data that it has not seen; seeds are fixed, so that reruns differ by rounding. */
const accuracies: Readonly<Record<string, { atLeast: number; overBaseline?: number }>> = {
  "fashion-mnist-cnn": { atLeast: 0.86 },
  digits: { atLeast: 0.97 },
  "tabular-classification": { atLeast: 0.53, overBaseline: 0.05 },
  "collaborative-filtering": { atLeast: 0.77, overBaseline: 0.15 },
  "text-classification": { atLeast: 0.72, overBaseline: 0.4 },
};

describe("examples", () => {
  test.each(Object.entries(accuracies))("%s", { timeout: 240_000 }, async (name, expected) => {
    const output = await run(name);
    const accuracy = printed(output, "accuracy");
    expect(accuracy).toBeGreaterThanOrEqual(expected.atLeast);
    expect(accuracy).toBeLessThanOrEqual(1);
    const { overBaseline } = expected;
    if (overBaseline !== undefined) {
      expect(accuracy - printed(output, "baseline")).toBeGreaterThanOrEqual(overBaseline);
    }
    expect(printed(output.replaceAll("fold 0: ", ""), "learning rate")).toBeGreaterThan(0);
  });

  test("tabular-regression", { timeout: 240_000 }, async () => {
    const output = await run("tabular-regression");
    expect(printed(output, "rmse")).toBeLessThan(400);
    expect(printed(output, "rmse")).toBeLessThan(printed(output, "baseline") / 2);
  });

  test("are short, and all use what the finder suggests", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(Object.keys(accuracies).length);
    for (const name of files) {
      const source = readFileSync(new URL(name, folder), "utf8");
      const code = source.replaceAll(/^import [^;]*;\n/gm, "").trim();
      expect(code.split("\n").length, name).toBeLessThan(45);
      expect(source, name).toContain("learn.lrFind(");
    }
  });
});
