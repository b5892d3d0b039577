import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GradientTransform, Optimizer } from "../../src/nn/index.js";
import { adam, adamW, clipGradNorm, lamb, rmsProp, sgd } from "../../src/nn/index.js";
import type { Tensor, Value } from "../../src/onnx/index.js";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { readFixture } from "./torch-fixture.js";

interface Fixture {
  readonly steps: number;
  readonly every: number;
  readonly gradients: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly wave: number;
    readonly weights: readonly (readonly number[])[];
  }[];
}

const fixture = readFixture<Fixture>("constant_gradients");

const optimizers: Record<string, Optimizer> = {
  adam: adam({ sqrMom: 0.999, eps: 1e-8, wd: 0 }),
  adamW: adamW(),
  rmsProp: rmsProp(),
  "rmsProp centered": rmsProp({ centered: true }),
  "rmsProp centered, short memory": rmsProp({ sqrMom: 0.9, eps: 1e-3, centered: true }),
  "rmsProp centered, momentum": rmsProp({ mom: 0.9, centered: true }),
  sgd: sgd(),
};

/** Runs one parameter's updates for gradients given step by step; yields the parameter and its slots. */
async function* updates(
  optimizer: Optimizer,
  start: ArrayLike<number>,
  {
    lr,
    gradients,
    wd = optimizer.defaults.wd,
  }: { lr: number; gradients: Iterable<readonly number[]>; wd?: number },
): AsyncGenerator<Record<string, Tensor>> {
  const g = new GraphBuilder();
  const shape = [start.length];
  const slots = new Map(optimizer.slots.map((name) => [name, g.input(`slot:${name}`, "float32", shape)]));
  const scalars = new Map<string, Value>();
  const update = optimizer.update({
    g,
    parameter: g.input("w", "float32", shape),
    gradient: g.input("gradient", "float32", shape),
    lr: g.input("lr", "float32", []),
    decays: wd !== 0,
    slot: (name) => slots.get(name)!,
    scalar: (name) => {
      const known = scalars.get(name) ?? g.input(`scalar:${name}`, "float32", []);
      scalars.set(name, known);
      return known;
    },
  });
  const outputs: Record<string, Value> = { "next:w": update.parameter };
  for (const name of optimizer.slots) outputs[`next:slot:${name}`] = update.slots[name]!;
  await using session = await createSession(g.build(outputs), { threads: 1 });
  let state: Record<string, Tensor> = { w: tensor("float32", shape, Array.from(start)) };
  for (const name of slots.keys())
    state[`slot:${name}`] = tensor(
      "float32",
      shape,
      Array.from(start, () => 0),
    );
  let step = 0;
  for (const gradient of gradients) {
    const values = optimizer.scalars(++step, { ...optimizer.defaults, wd });
    const feeds: Record<string, Tensor> = {
      ...state,
      gradient: tensor("float32", shape, gradient),
      lr: tensor("float32", [], [lr]),
    };
    for (const name of scalars.keys()) feeds[`scalar:${name}`] = tensor("float32", [], [values[name]!]);
    const next = await session.run(feeds);
    state = Object.fromEntries(
      Object.entries(next).map(([name, value]) => [name.slice("next:".length), value]),
    );
    yield state;
  }
}

describe("optimizers on gradients that hardly change", () => {
  test.each(fixture.cases)("$name follows PyTorch, wave $wave", async ({ name, wave, weights }) => {
    const { steps, every } = fixture;
    const gradients = Array.from({ length: steps }, (_, i) =>
      fixture.gradients.map((v) => v * (1 + wave * Math.sin(i))),
    );
    const lr = name === "sgd" ? 1e-6 : 1e-3;
    // With a short memory the variance of a constant falls below what the mean gradient's own rounding leaves.
    const until = name.includes("short memory") && wave === 0 ? 100 : steps;
    let step = 0;
    for await (const state of updates(optimizers[name]!, [0.5, 0.5, 0.5], { lr, gradients })) {
      step++;
      for (const { data } of Object.values(state)) expect([...data].every(Number.isFinite)).toBe(true);
      if (step % every !== 0 || step > until) continue;
      const expected = weights[step / every - 1]!;
      expected.forEach((want, i) => {
        const moved = Math.abs(want - 0.5);
        // The weights are float32, and so is what is added up at each of 300 steps.
        const allowed = 1e-4 * moved + steps * 2 ** -24 * Math.max(1, Math.abs(want));
        expect(Math.abs((state["w"]!.data[i] as number) - want), `step ${step}, ${i}`).toBeLessThan(allowed);
      });
    }
  });

  test("no optimizer's state is NaN or below zero where a root is taken, whatever the gradients", async () => {
    const centred = rmsProp({ sqrMom: 0.9, centered: true });
    const all = [adam(), adamW(), rmsProp(), centred, rmsProp({ mom: 0.9, centered: true }), lamb()];
    const size = fc.integer({ min: -12, max: 8 }).map((power) => 10 ** power);
    const gradient = fc.oneof(
      fc.constant(0),
      size,
      size.map((value) => -value),
    );
    // Runs of equal gradients, with a change between them.
    const runs = fc.array(fc.tuple(gradient, fc.integer({ min: 1, max: 120 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), runs, async (optimizer, parts) => {
        const gradients = parts.flatMap(([value, count]) => new Array(count).fill([value, 1]));
        for await (const state of updates(optimizer, [0.5, 0], { lr: 1e-12, gradients })) {
          for (const [name, { data }] of Object.entries(state)) {
            expect([...data].every(Number.isFinite), name).toBe(true);
            const slot = name.slice("slot:".length);
            if (!optimizer.nonNegativeSlots?.includes(slot)) continue;
            expect(
              [...data].every((value) => Number(value) >= 0),
              name,
            ).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** What a transform makes of gradients. */
async function transformed(
  transform: GradientTransform,
  gradients: readonly number[][],
): Promise<number[][]> {
  const g = new GraphBuilder();
  const inputs = new Map(gradients.map((each, i) => [`g${i}`, g.input(`g${i}`, "float32", [each.length])]));
  const outputs = Object.fromEntries(
    [...transform(g, inputs)].map(([name, value]) => [`out:${name}`, value]),
  );
  await using session = await createSession(g.build(outputs), { threads: 1 });
  const feeds = Object.fromEntries(
    gradients.map((each, i) => [`g${i}`, tensor("float32", [each.length], each)]),
  );
  const result = await session.run(feeds);
  return gradients.map((_, i) => Array.from(result[`out:g${i}`]!.data as Float32Array));
}

describe("norms whose squares float32 does not hold", () => {
  test.each([1e-44, 1e-30, 1e-25, 1e-12, 1, 1e12, 1e20, 1e30])(
    "clipGradNorm, gradients of size %f",
    async (size) => {
      const gradients = [
        [3 * size, 0],
        [0, -4 * size],
      ];
      const [first, second] = await transformed(clipGradNorm(0.5), gradients);
      const norm = 5 * size;
      const factor = Math.min(1, 0.5 / (norm + 1e-6));
      const expected = gradients.map((each) => each.map((value) => Math.fround(value) * factor));
      // 1e-44 is a few units of the smallest float32 number.
      const allowed = 1e-6 * norm * factor + 2 ** -149;
      [first!, second!].forEach((each, i) => {
        each.forEach((value, j) => {
          expect(Math.abs(value - expected[i]![j]!)).toBeLessThanOrEqual(allowed);
        });
      });
    },
  );

  test.each([1e-25, 1e-12, 1, 1e20, 1e30])("LAMB, weights of size %f", async (size) => {
    const w = [3 * size, -4 * size];
    for await (const state of updates(lamb(), w, { lr: 0.01, gradients: [[1, 1]] })) {
      // The first step is 1 in each element: |w| / |r| = 5 size / sqrt(2), at most 10.
      const trust = Math.min((5 * size) / Math.SQRT2, 10);
      w.forEach((value, i) => {
        const expected = value - 0.01 * trust;
        const got = state["w"]!.data[i] as number;
        expect(Math.abs(got - expected)).toBeLessThan(1e-6 * Math.abs(expected) + 1e-6 * trust);
      });
    }
  });
});
