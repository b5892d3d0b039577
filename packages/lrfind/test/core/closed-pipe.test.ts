import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cornerLearner } from "../../../learner/test/learner/toy.js";
import { progressCallback } from "../../src/terminal/index.js";

/** Runs the program until its first line, and then reads no further, as `head -1` does. */
async function headOf(way: "end" | "go on"): Promise<{ code: number | null; errors: string }> {
  const script = fileURLToPath(new URL("closed-pipe-program.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, way], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = (await once(child, "close")) as [number | null];
  return { code, errors };
}

describe("a program whose reader goes away", () => {
  test("ends at once, quietly and as a success, where it says so", async () => {
    expect(await headOf("end")).toEqual({ code: 0, errors: "" });
  });

  test("goes on without a word where it shows a training's progress", async () => {
    expect(await headOf("go on")).toEqual({ code: 0, errors: "went on to the end\n" });
  });

  test("is every example, but for the one that is a user's own few lines", async () => {
    const folder = new URL("../../../../examples/", import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".ts") && name !== "quickstart.ts");
    expect(names.length).toBeGreaterThan(5);
    for (const name of names)
      expect(await readFile(new URL(name, folder), "utf8")).toMatch(/^endQuietly\(\);$/m);
  });
});

test("other errors of a stream stay errors", async () => {
  const table = new PassThrough();
  await using learner = cornerLearner();
  await learner.fit(1, { lr: 0.01, cbs: [progressCallback({ table })] });
  const broken = Object.assign(new Error("no space"), { code: "ENOSPC" });
  expect(() => table.emit("error", broken)).toThrow("no space");
  expect(() => table.emit("error", Object.assign(new Error("closed"), { code: "EPIPE" }))).not.toThrow();
});
