import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allFaults, circlesOf, faultsOf, HOUSE } from "../scripts/house.js";
import { manifestOf, PACKAGES, root } from "../scripts/packages.js";

const refused = (room: string, line: string) => faultsOf(`packages/${room}/probe.ts`, line).length > 0;

describe("imports between rooms and packages go one way", () => {
  test("in all of the code", () => expect(allFaults()).toEqual([]));

  test.each([
    ["lrfind/src/core", 'export * from "d3-scale";'],
    ["lrfind/src/core", 'export * from "../finder/index.js";'],
    ["lrfind/src/finder", 'export * from "d3-scale";'],
    ["lrfind/src/finder", 'export * from "../plot/index.js";'],
    ["lrfind/src/finder", 'import type { Graph } from "@lrfind/engine";'],
    ["lrfind/src/plot", 'export * from "@lrfind/learner";'],
    ["lrfind/src/terminal", 'export * from "@tensorflow/tfjs";'],
    ["lrfind/src/terminal", 'const learner = await import("@lrfind/learner");'],
    ["engine/src/onnx", 'export * from "../runtime/index.js";'],
    ["engine/src/onnx", 'export * from "onnxruntime-web";'],
    ["engine/src/onnx", 'export * from "lrfind";'],
    ["engine/src/runtime", 'export * from "../nn/index.js";'],
    ["engine/src/nn", 'export * from "../runtime/index.js";'],
    ["engine/src/nn", 'let session: typeof import("../runtime/index.js");'],
    ["learner/src/data", 'export * from "../learner/index.js";'],
    ["learner/src/learner", 'export * from "lrfind/report";'],
    ["learner/src/learner", 'export * from "onnxruntime-node";'],
    // Past a front.
    ["lrfind/src/plot", 'export * from "../finder/curve.js";'],
    ["engine/src/nn/layers", 'import { holds } from "../../onnx/tensor.js";'],
    ["engine/src/nn", 'import type { Node } from "../onnx/folding/plan.js";'],
    ["learner/src/learner", 'export * from "@lrfind/engine/dist/onnx/tensor.js";'],
    // Another package by its files.
    ["learner/src/data", 'export * from "../../../engine/src/index.js";'],
    ["engine/src", 'export * from "./onnx/tensor.js";'],
  ])("%s may not say: %s", (room, line) => expect(refused(room, line)).toBe(true));

  test.each([
    ["lrfind/src/finder", 'export * from "../core/index.js";'],
    ["lrfind/src/finder", 'export * from "./curve.js";'],
    ["lrfind/src/finder/suggesters", 'export * from "../errors.js";'],
    ["lrfind/src/plot", 'export * from "../finder/index.js";'],
    ["lrfind/src/terminal", 'export * from "../plot/internal.js";'],
    ["engine/src/runtime", 'export * from "onnxruntime-node";'],
    ["engine/src/onnx", 'export * from "lrfind/core";'],
    ["engine/src", 'export * from "./onnx/internal.js";'],
    ["learner/src/data", 'export * from "@lrfind/engine";'],
    ["learner/src/learner", 'export * from "lrfind";'],
    ["learner/src/learner", 'export * from "node:fs";'],
  ])("%s may say: %s", (room, line) => expect(refused(room, line)).toBe(false));
});

describe("circles of imports", () => {
  test.each<[string, Record<string, string[]>, string[][]]>([
    ["none", { a: ["b", "c"], b: ["c"], c: [] }, []],
    ["a file that imports itself", { a: ["a"] }, [["a"]]],
    ["two files", { a: ["b"], b: ["a"], c: ["a"] }, [["a", "b"]]],
    [
      "a long one, entered in the middle",
      { x: ["b"], a: ["b"], b: ["c"], c: ["d"], d: ["a"] },
      [["a", "b", "c", "d"]],
    ],
    ["two that share a file are one", { a: ["b", "c"], b: ["a"], c: ["a"] }, [["a", "b", "c"]]],
    [
      "two apart",
      { a: ["b"], b: ["a", "c"], c: ["d"], d: ["c"] },
      [
        ["c", "d"],
        ["a", "b"],
      ],
    ],
  ])("%s", (_, imports, circles) => expect(circlesOf(new Map(Object.entries(imports)))).toEqual(circles));
});

describe("the table of the house", () => {
  test("has every package and every room, none that is not there", () => {
    expect(PACKAGES.map((folder) => folder.replace("packages/", ""))).toEqual(Object.keys(HOUSE));
    for (const folder of PACKAGES) {
      const rooms = readdirSync(`${root}/${folder}/src`, { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      );
      expect(rooms.map(({ name }) => name).sort()).toEqual(
        Object.keys(HOUSE[folder.replace("packages/", "")]!).sort(),
      );
    }
  });

  test("lets a room import rooms above it only", () => {
    for (const rooms of Object.values(HOUSE)) {
      const names = Object.keys(rooms);
      for (const [i, [, room]] of Object.entries(rooms).entries()) {
        const own = room.rooms.filter((name) => names.includes(name));
        expect(own.filter((name) => names.indexOf(name) >= i)).toEqual([]);
      }
    }
  });

  test("is the one in CONTRIBUTING.md", () => {
    const text = readFileSync(`${root}/CONTRIBUTING.md`, "utf8");
    for (const [folder, rooms] of Object.entries(HOUSE)) {
      for (const [name, room] of Object.entries(rooms)) {
        const row = `| \`packages/${folder}/src/${name}/\` | ${room.holds} | ${room.rooms.join(", ") || "nothing"} |`;
        expect(text.replaceAll(/ +\|/g, " |")).toContain(row);
      }
    }
  });

  test("reaches no package of others but those that a package names", () => {
    for (const folder of PACKAGES) {
      const { dependencies, peerDependencies } = manifestOf(folder);
      const { devDependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
        readonly devDependencies: Readonly<Record<string, string>>;
      };
      const named = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies });
      const reached = Object.values(HOUSE[folder.replace("packages/", "")]!).flatMap(
        (room) => room.packages ?? [],
      );
      expect(reached.filter((name) => !named.includes(name))).toEqual([]);
    }
  });
});
