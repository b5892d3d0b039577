import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Layer } from "../../../../engine/src/nn/index.js";
import { adam, adamW, flatten, linear, sequential, sgd } from "../../../../engine/src/nn/index.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import type { FitLoop, Learner } from "../../../src/learner/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../../src/learner/index.js";
import { VERSION } from "../../../src/learner/store/index.js";
import { groupedLearner, stripeLoaders } from "../grouped.js";
import { bitsOf } from "../toy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

describe("save and load", () => {
  const fits: Record<string, (learner: Learner, part: "all" | "first" | "second") => Promise<unknown>> = {
    fit: (learner, part) => learner.fit(part === "all" ? 4 : 2, { lr: 0.01 }),
    fitOneCycle: (learner, part) =>
      resumable(part, (options) => learner.fitOneCycle(4, { lrMax: 0.02, ...options })),
    fitFlatCos: (learner, part) =>
      resumable(part, (options) => learner.fitFlatCos(4, { lr: 0.02, ...options })),
  };
  /** All epochs, or the first two of them, or the rest. */
  function resumable(
    part: "all" | "first" | "second",
    start: (options: object) => Promise<unknown>,
  ): Promise<unknown> {
    if (part === "second") return start({ startEpoch: 2 });
    const stop = {
      name: "stop",
      beforeEpoch({ epoch }: FitLoop) {
        if (part === "first" && epoch === 2) throw new Error("power failure");
      },
    };
    return start({ cbs: [stop] }).catch((error: Error) => {
      if (error.message !== "power failure") throw error;
    });
  }
  const setups = {
    "Adam, batch-norm and dropout": () => ({}),
    "SGD and accumulated gradients": () => ({
      optFunc: sgd(),
      accumulate: 3,
      dls: stripeLoaders({ batchSize: 4 }),
    }),
  };
  for (const [setup, options] of Object.entries(setups)) {
    for (const [name, train] of Object.entries(fits)) {
      test(`${name} resumed after epoch 2 of 4 ends with the same bits (${setup})`, async () => {
        const path = inFolder(`${name}.safetensors`);
        await using whole = groupedLearner(options());
        await train(whole, "all");
        {
          await using first = groupedLearner(options());
          await train(first, "first");
          await first.save(path);
        }
        await using second = groupedLearner(options());
        await second.load(path);
        await train(second, "second");
        expect(second.state.step).toBe(whole.state.step);
        expect(second.state.epoch).toBe(4);
        expect(second.state.ages).toEqual(whole.state.ages);
        expect(bitsOf(second)).toEqual(bitsOf(whole));
      });
    }
  }

  test("brings back a learner before its first step, and one whose first groups were frozen", async () => {
    const path = pathToFileURL(inFolder("frozen.safetensors"));
    await using learner = groupedLearner();
    await learner.save(path);
    const fresh = learner.state;
    learner.freeze();
    await learner.fit(1);
    const bits = bitsOf(learner);
    const { ages } = learner.state;
    await learner.save(inFolder("trained.safetensors"));
    await learner.load(path);
    expect(learner.state).toEqual(fresh);
    await learner.load(inFolder("trained.safetensors"));
    expect(bitsOf(learner)).toEqual(bits);
    expect(learner.state.ages).toEqual(ages);
  });

  test("weightsOnly takes the weights and leaves optimizer and counters", async () => {
    const path = inFolder("weights.safetensors");
    await using a = groupedLearner({ optFunc: sgd() });
    await using b = groupedLearner({ optFunc: adam(), seed: 3 });
    await a.fit(1);
    await b.fit(2);
    await a.save(path);
    const slots = Object.entries(bitsOf(b)).filter(([name]) => name.startsWith("slot:"));
    await b.load(path, { weightsOnly: true });
    const after = bitsOf(b);
    for (const [name, bits] of slots) expect(after[name]).toBe(bits);
    for (const [name, bits] of Object.entries(bitsOf(a))) {
      if (!name.startsWith("slot:")) expect(after[name]).toBe(bits);
    }
    expect(b.state).toMatchObject({ step: 12, epoch: 2 });
  });

  test("a fit that was aborted leaves a state that is whole: saved, read back, it goes on alike", async () => {
    const path = inFolder("aborted.safetensors");
    await using learner = groupedLearner();
    const controller = new AbortController();
    const onStep = ({ epoch, step }: { epoch: number; step: number }) => {
      if (epoch === 1 && step === 2) controller.abort();
    };
    await expect(learner.fit(3, { signal: controller.signal, onStep })).rejects.toThrow("aborted");
    await learner.save(path);
    await using other = groupedLearner();
    await other.load(path);
    expect(other.state).toEqual(learner.state);
    expect(other.state).toMatchObject({ step: 9, epoch: 1 });
    for (const each of [learner, other]) await each.fit(1);
    expect(bitsOf(other)).toEqual(bitsOf(learner));
  });

  test("a state that somebody holds is not written to after loading", async () => {
    const path = inFolder("held.safetensors");
    await using learner = groupedLearner();
    await learner.fit(1);
    await learner.save(path);
    await learner.load(path);
    const held = learner.state;
    const copy = structuredClone(held);
    await learner.fit(2);
    expect(held).toEqual(copy);
  });
});

describe("what a file says", () => {
  test("which optimizer, how far, how the items were made, by which version", async () => {
    const path = inFolder("metadata.safetensors");
    await using learner = groupedLearner();
    await learner.fit(1);
    await learner.save(path);
    const { metadata, tensors } = decodeSafetensors(await readFile(path), "file");
    expect(metadata).toMatchObject({
      format: "lrfind-checkpoint-1",
      lrfind: VERSION,
      optimizer: "adam",
      step: "6",
      epoch: "1",
      "lrfind.vocab": '["row","column","none"]',
    });
    expect([...tensors.keys()].sort()).toEqual(Object.keys(learner.state.tensors).sort());
    const { version } = JSON.parse(
      await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(VERSION).toBe(version);
  });
});

describe("a file that does not fit is refused, and nothing changes", () => {
  /** Tries to load a changed copy of a checkpoint. */
  async function refused(
    change: (file: {
      tensors: Map<string, ReturnType<typeof tensor>>;
      metadata: Record<string, string>;
    }) => void,
    options: Parameters<typeof groupedLearner>[0] = {},
  ): Promise<string> {
    const path = inFolder("changed.safetensors");
    await using learner = groupedLearner();
    await learner.fit(1);
    await learner.save(path);
    const { tensors, metadata } = decodeSafetensors(await readFile(path), "file");
    const file = { tensors: new Map(tensors), metadata: { ...metadata } };
    change(file);
    await writeFile(path, Buffer.concat(encodeSafetensors(file)));
    await using other = groupedLearner({ seed: 9, ...options });
    await other.fit(1);
    const before = { bits: bitsOf(other), state: other.state };
    const error = await other.load(path).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "LearnerError" });
    expect(bitsOf(other)).toEqual(before.bits);
    expect(other.state).toEqual(before.state);
    expect((error as Error).message).toContain(`load "${path}": expected `);
    return (error as Error).message;
  }

  test.each([
    [
      "a missing tensor",
      "param:5.weight",
      undefined,
      '"param:5.weight" to be float32[16, 36], got none of that name',
    ],
    [
      "another shape",
      "param:5.weight",
      tensor("float32", [16, 35], new Float32Array(560)),
      "float32[16, 36], got float32[16, 35]",
    ],
    [
      "another type",
      "buffer:1.running_mean",
      tensor("float64", [4], [0, 0, 0, 0]),
      "float32[4], got float64[4]",
    ],
    [
      "a strange tensor",
      "param:tail.weight",
      tensor("float32", [1], [0]),
      'tensors of this model only, got "param:tail.weight"',
    ],
    [
      "a strange slot",
      "slot:velocity:8.bias",
      tensor("float32", [3], [0, 0, 0]),
      'a slot of "adam", got "slot:velocity:8.bias"',
    ],
    [
      "a slot of another shape",
      "slot:mean:8.bias",
      tensor("float32", [2], [0, 0]),
      '"slot:mean:8.bias" to be float32[3], got float32[2]',
    ],
    [
      "a mean square below zero",
      "slot:squares:8.bias",
      tensor("float32", [3], [0, 1, -1e-9]),
      '"slot:squares:8.bias" of at least 0, got -9.999999717180685e-10 at 2; try { weightsOnly: true }',
    ],
  ])("%s", async (_, name, contents, words) => {
    const message = await refused(({ tensors }) => {
      if (contents) tensors.set(name, contents as never);
      else tensors.delete(name);
    });
    expect(message).toContain(words);
  });

  test.each([
    ["a file of something else", "format", undefined, "a safetensors file of something else"],
    ["a later format", "format", "lrfind-checkpoint-2", 'format "lrfind-checkpoint-2"'],
    ["a lost counter", "step", undefined, "a whole number of steps in the metadata, got undefined"],
    ["a broken counter", "epoch", "-1", "a whole number of epochs in the metadata, got -1"],
    ["a counter in other digits", "step", "1e3", "a whole number of steps in the metadata, got 1e3"],
    ["an empty counter", "step", "", "a whole number of steps in the metadata"],
    ["no ages", "ages", undefined, "the parameters' ages in the metadata"],
    ["broken ages", "ages", '{"0.weight":', "the parameters' ages in the metadata"],
    ["ages that are a list", "ages", "[1]", "the parameters' ages in the metadata"],
    ["ages of strangers", "ages", '{"a":1}', `ages of this model's parameters, got "a"`],
    ["half an age", "ages", '{"0.weight":1.5}', 'the age of "0.weight" in the metadata to be an integer'],
    ["a negative age", "ages", '{"0.weight":-1}', 'the age of "0.weight" in the metadata to be an integer'],
    ["an age above the steps", "ages", '{"0.weight":9}', "from 0 to 6, the steps made, got 9"],
    [
      "slots without an age",
      "ages",
      "{}",
      'the age of parameter "0.weight", whose "slot:mean:0.weight" is there',
    ],
    ["broken callbacks", "callbacks", "[{", "what the callbacks remember in the metadata"],
    ["callbacks without a name", "callbacks", '[{"state":1}]', "what the callbacks remember in the metadata"],
    ["strange slotless", "slotless", "[1]", "names of parameters without optimizer state"],
  ])("%s", async (_, name, text, words) => {
    const message = await refused(({ metadata }) => {
      if (text === undefined) delete metadata[name];
      else metadata[name] = text;
    });
    expect(message).toContain(words);
  });

  test("another optimizer", async () => {
    expect(await refused(() => {}, { optFunc: adamW() })).toContain(
      'the state of the optimizer "adamW", got that of "adam"; try { freshOptimizer: true }',
    );
  });

  test("one without its optimizer's state, whole or in part", async () => {
    const slots = (tensors: ReadonlyMap<string, unknown>) =>
      [...tensors.keys()].filter((name) => /^slot/.test(name));
    const none = await refused(({ tensors }) => {
      for (const name of slots(tensors)) tensors.delete(name);
    });
    expect(none).toContain(
      'the state of the optimizer "adam" for every parameter that it has trained, got none of ',
    );
    expect(none).toMatch(/slot:mean:0\.weight, .* and 13 more; try \{ freshOptimizer: true \}/);
    for (const name of ["slot:squares:8.bias", "slot:mean:1.weight"]) {
      const one = await refused(({ tensors }) => void tensors.delete(name));
      expect(one).toContain(`got none of ${name}; try`);
    }
  });

  test("another model", async () => {
    const message = await refused(() => {}, {
      model: sequential(flatten(), linear(36, 3)),
      splitter: () => [{ name: "all", parameters: ["1.weight", "1.bias"] }],
    });
    expect(message).toContain('"param:1.weight" to be float32[3, 36], got float32[4]; try the model');
  });

  test("a file cut short, and one that is not there", async () => {
    const path = inFolder("cut.safetensors");
    await using learner = groupedLearner();
    await learner.fit(1);
    await learner.save(path);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, -100));
    const before = bitsOf(learner);
    await expect(learner.load(path)).rejects.toThrow("it is cut short");
    await writeFile(path, "");
    await expect(learner.load(path)).rejects.toThrow("expected a safetensors file, got 0 bytes");
    await expect(learner.load(inFolder("missing"))).rejects.toThrow("ENOENT");
    expect(bitsOf(learner)).toEqual(before);
  });
});

describe("freshOptimizer", () => {
  test("takes weights and counters, and starts the optimizer anew", async () => {
    const path = inFolder("fresh.safetensors");
    await using learner = groupedLearner({ optFunc: sgd() });
    await learner.fit(1, { lr: 0.01 });
    await learner.save(path);
    await using other = groupedLearner({ optFunc: adam(), seed: 9 });
    await other.fit(2, { lr: 0.01 });
    await other.load(path, { freshOptimizer: true });
    const { tensors, step, epoch, ages } = other.state;
    expect({ step, epoch, ages }).toEqual({ step: 6, epoch: 1, ages: {} });
    expect(Object.keys(tensors).filter((name) => name.startsWith("slot:"))).toEqual([]);
    for (const [name, { data }] of Object.entries(tensors))
      expect(data).toEqual(learner.state.tensors[name]!.data);
    await other.fit(2, { lr: 0.01, startEpoch: 1 });
    // And what was trained with the new optimizer is whole again.
    await other.save(path);
    await other.load(path);
  });

  test("is refused beside weightsOnly, and so is what is no option", async () => {
    await using learner = groupedLearner();
    const path = inFolder("options.safetensors");
    await learner.save(path);
    const both = learner.load(path, { weightsOnly: true, freshOptimizer: true });
    await expect(both).rejects.toThrow("got both");
    await expect(learner.load(path, { weightOnly: true } as object)).rejects.toThrow("try weightsOnly");
    await expect(learner.load(path, { freshOptimizer: 1 } as object)).rejects.toThrow("true or false, got 1");
  });

  test("is not needed after freezing: what was never trained has no optimizer state", async () => {
    const path = inFolder("frozen.safetensors");
    await using learner = groupedLearner({ trainBn: false });
    learner.freeze();
    await learner.fit(1, { lr: 0.01 });
    await learner.save(path);
    await using other = groupedLearner({ trainBn: false, seed: 9 });
    await other.load(path);
    expect(bitsOf(other)).toEqual(bitsOf(learner));
  });

  test("is not needed for a parameter that the model never asks for", async () => {
    const idle: Layer = {
      kind: "Idle",
      parameters: [{ name: "idle", shape: [2], role: "weight", initializer: () => Float32Array.of(1, 2) }],
      forward: (_, x) => x!,
    };
    const path = inFolder("idle.safetensors");
    const options = { model: sequential(flatten(), linear(36, 3), idle), splitter: undefined as never };
    await using learner = groupedLearner(options);
    await learner.fit(1, { lr: 0.01 });
    await learner.save(path);
    await using other = groupedLearner({ ...options, seed: 9 });
    await other.load(path);
    expect(bitsOf(other)).toEqual(bitsOf(learner));
  });
});

test("save and export make folders, and refuse by their own error what is no file to write", async () => {
  await using learner = groupedLearner();
  const writers = {
    save: (path: string | URL) => learner.save(path),
    export: (path: string | URL) => learner.export(path),
  };
  for (const [name, write] of Object.entries(writers)) {
    await write(inFolder(join("far", name, "away", "file.bin")));
    expect((await readFile(inFolder(join("far", name, "away", "file.bin")))).length).toBeGreaterThan(100);
    const below = join(inFolder(join("far", name, "away", "file.bin")), "below");
    for (const path of [
      folder,
      below,
      "",
      "\0",
      new URL("https://example.org/x"),
      3 as never,
      "x".repeat(5000),
    ]) {
      const error = await write(path).catch((caught: unknown) => caught);
      expect(error, `${name} ${path}`).toMatchObject({
        name: expect.stringMatching(/^(Learner|Option)Error$/),
      });
    }
  }
});
