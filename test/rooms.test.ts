import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const biome = fileURLToPath(new URL("../node_modules/@biomejs/biome/bin/biome", import.meta.url));
const config = JSON.parse(readFileSync(new URL("../biome.json", import.meta.url), "utf8")) as object;

/** Lints each line as if it stood in a file of its room; gives the lines whose import the linter refuses. */
function refused(probes: readonly (readonly [room: string, line: string])[]): Set<number> {
  const folder = mkdtempSync(join(tmpdir(), "lrfind-rooms-"));
  try {
    writeFileSync(join(folder, "biome.json"), JSON.stringify({ ...config, $schema: undefined, vcs: {} }));
    probes.forEach(([room, line], i) => {
      mkdirSync(join(folder, "src", room), { recursive: true });
      writeFileSync(join(folder, "src", room, `probe${i}.ts`), `${line}\n`);
    });
    const args = [biome, "lint", "--max-diagnostics=none", "--reporter=github", "."];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    const complaints = stdout.split("\n").filter((text) => text.includes("noRestrictedImports"));
    return new Set(complaints.map((text) => Number(/probe(\d+)\.ts/.exec(text)![1])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const forbidden = [
  ["core", 'export * from "vega";'],
  ["core", 'export * from "../finder/index.js";'],
  ["finder", 'export * from "vega";'],
  ["finder", 'export * from "../plot/index.js";'],
  ["onnx", 'export * from "../runtime/index.js";'],
  ["runtime", 'export * from "../nn/index.js";'],
  ["nn", 'export * from "../runtime/index.js";'],
  ["data", 'export * from "../nn/index.js";'],
  ["plot", 'export * from "../learner/index.js";'],
  ["learner", 'export * from "../plot/index.js";'],
  ["learner", 'export * from "onnxruntime-node";'],
  ["onnx", 'export * from "onnxruntime-web";'],
  ["cli", 'export * from "@tensorflow/tfjs";'],
] as const;

const allowed = [
  ["finder", 'export * from "../core/index.js";'],
  ["data", 'export * from "../core/index.js";'],
  ["finder", 'export * from "./curve.js";'],
  ["finder", 'export * from "../errors.js";'],
  ["plot", 'export * from "../finder/index.js";'],
  ["runtime", 'export * from "onnxruntime-node";'],
  ["learner", 'export * from "../finder/index.js";'],
] as const;

describe("imports between the rooms go one way", () => {
  const found = refused([...forbidden, ...allowed]);
  forbidden.forEach(([room, line], i) => {
    test(`src/${room} may not say: ${line}`, () => expect(found).toContain(i));
  });
  allowed.forEach(([room, line], i) => {
    test(`src/${room} may say: ${line}`, () => expect(found).not.toContain(forbidden.length + i));
  });
});
