import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { externalFiles } from "../../../../../engine/src/onnx/index.js";
import { randomUint32 } from "../../../../../engine/src/random/index.js";
import { exportModel, loadModel } from "../../../../src/learner/index.js";
import { exportTo } from "../../../../src/learner/use/export.js";
import { versions } from "./versions.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-export-"));
  path = join(folder, "model.onnx");
});
afterEach(() => rm(folder, { recursive: true }));

const split = { externalData: true };

/** The numbers that a file's weights are made of. */
async function weightsOf(file: string): Promise<number[]> {
  const model = await loadModel(file);
  return [...new Set(model.parameters.flatMap(({ initial }) => Array.from(initial(0))))];
}

describe("an export in two files", () => {
  test("is at every moment of a kill one whole version", async () => {
    const script = fileURLToPath(new URL("./slow-exporter.ts", import.meta.url));
    await exportTo(path, versions[0]!, split);
    for (let kill = 0; kill < 20; kill++) {
      const child = spawn(process.execPath, ["--import", "tsx", script, path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        await once(child.stdout, "data");
        await new Promise((resolve) =>
          setTimeout(resolve, randomUint32({ seed: 1, stream: "kill" }, kill) % 40),
        );
      } finally {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      expect([[1], [2]], `kill ${kill}`).toContainEqual(await weightsOf(path));
    }
    // The next export that ends leaves nothing of those that did not.
    const { paths } = await exportTo(path, versions[1]!, split);
    const data = (await readdir(folder)).filter((name) => name.endsWith(".data") && !name.startsWith("."));
    expect(data).toEqual([basename(paths[1]!)]);
    expect(await weightsOf(path)).toEqual([2]);
  }, 240_000);

  test("writes the data first, under a name of their own, and the model after them", async () => {
    const { paths: old } = await exportTo(path, versions[0]!, split);
    const before = await readFile(path);
    // What is on the disk between the two writes: the new data beside the old model.
    const { model, external } = await exportModel(versions[1]!.model, versions[1]!.state, {
      ...split,
      inputs: [{ dtype: "float32", itemShape: [64] }],
    });
    const name = external!.name;
    expect(name).not.toBe(basename(old[1]!));
    await writeFile(join(folder, name), external!.bytes);
    expect(await readFile(path)).toEqual(before);
    expect(await weightsOf(path)).toEqual([1]);
    await writeFile(path, model);
    expect(await weightsOf(path)).toEqual([2]);
  });

  test("names equal contents alike, and removes what only an older version used", async () => {
    const { paths: first } = await exportTo(path, versions[0]!, split);
    const { paths: again } = await exportTo(path, versions[0]!, split);
    expect(again).toEqual(first);
    const { paths: second } = await exportTo(path, versions[1]!, split);
    expect((await readdir(folder)).sort()).toEqual(second.map((file) => basename(file)).sort());
    await exportTo(path, versions[1]!, { externalData: false });
    expect(await readdir(folder)).toEqual(["model.onnx"]);
  });

  test("leaves the data of other models, of copies and of other programs alone", async () => {
    const { paths } = await exportTo(path, versions[0]!, split);
    await copyFile(path, join(folder, "copy.onnx"));
    await writeFile(join(folder, "model.onnx.data"), "of another program");
    const other = join(folder, "other.onnx");
    await exportTo(other, versions[0]!, split);
    await exportTo(path, versions[1]!, split);
    expect(await readdir(folder)).toEqual(expect.arrayContaining([basename(paths[1]!), "model.onnx.data"]));
    expect(await weightsOf(join(folder, "copy.onnx"))).toEqual([1]);
    expect(await weightsOf(other)).toEqual([1]);
  });

  test("is refused with data of another version, in the place of its own", async () => {
    const { paths } = await exportTo(path, versions[0]!, split);
    const elsewhere = join(await mkdtemp(join(folder, "x-")), "model.onnx");
    const { paths: others } = await exportTo(elsewhere, versions[1]!, split);
    await copyFile(others[1]!, paths[1]!);
    await expect(loadModel(path)).rejects.toThrow(
      /"model.onnx": expected "model.onnx\.[0-9a-f]{16}\.data" with the SHA-1 [0-9a-f]{40}, got [0-9a-f]{40}: it is of another version/,
    );
  });

  test("by exportModel names its data by their contents too, and states their checksum", async () => {
    const inputs = [{ dtype: "float32", itemShape: [64] }] as const;
    const [a, b] = await Promise.all(
      versions.map(({ model }) => exportModel(model, undefined, { inputs, ...split })),
    );
    expect(a!.external!.name).toMatch(/^model\.onnx\.[0-9a-f]{16}\.data$/);
    expect(a!.external!.name).not.toBe(b!.external!.name);
    const { name, checksum } = a!.external!;
    expect(externalFiles(a!.model)).toEqual([{ location: name, checksum }]);
    const named = await exportModel(versions[0]!.model, undefined, {
      inputs,
      ...split,
      externalName: "weights.bin",
    });
    const readExternal = async () => b!.external!.bytes;
    await expect(loadModel(named.model, { readExternal })).rejects.toThrow(
      'expected "weights.bin" with the SHA-1',
    );
    const externalName = (hash: string) => `weights-${hash}.bin`;
    const own = await exportModel(versions[0]!.model, undefined, { inputs, ...split, externalName });
    expect(own.external!.name).toBe(`weights-${checksum}.bin`);
    const wrong = exportModel(versions[0]!.model, undefined, {
      inputs,
      ...split,
      externalName: () => 3 as never,
    });
    await expect(wrong).rejects.toThrow("expected what externalName returns to be");
  });
});
