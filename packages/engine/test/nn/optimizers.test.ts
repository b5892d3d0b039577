import { describe, expect, test } from "vitest";
import type { GradientTransform, Optimizer } from "../../src/nn/index.js";
import {
  adam,
  adamW,
  clipGradNorm,
  clipGradValue,
  lamb,
  linear,
  modelOf,
  mse,
  rmsProp,
  sequential,
  sgd,
  tanh,
} from "../../src/nn/index.js";
import type { Tensor } from "../../src/onnx/index.js";
import { GraphBuilder } from "../../src/onnx/index.js";
import { relativeError, values } from "../onnx/numeric.js";
import { parameterValue, readFixture } from "./torch-fixture.js";
import { Steps } from "./train.js";

interface Trajectory {
  readonly name: string;
  readonly lr: number;
  readonly mom: number | null;
  readonly scheduleMom: boolean;
  readonly losses: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

const STEPS = 10;
const model = modelOf(sequential(linear(4, 5), tanh(), linear(5, 3)));
const names = model.parameters.map(({ name }) => name);
const beginning: Record<string, Tensor> = Object.fromEntries(
  model.parameters.map(({ name, shape }, i) => [`param:${name}`, parameterValue(i, shape, 0.5)]),
);

function steps(optimizer: Optimizer, gradientTransform?: GradientTransform): Promise<Steps> {
  return Steps.make({
    model,
    lossFunc: mse(),
    optimizer,
    inputs: [{ dtype: "float32", shape: [6, 4] }],
    targets: [{ dtype: "float32", shape: [6, 3] }],
    groups: [{ name: "all", parameters: names }],
    // PyTorch's optimizers decay biases too.
    decayed: new Set(names),
    ...(gradientTransform ? { gradientTransform } : {}),
  });
}

/** The problem of packages/engine/test/fixtures/torch/optim.py. */
const feeds = { "input:0": values([6, 4]), "target:0": values([6, 3], 5) };

const cases: Record<string, readonly [Optimizer, GradientTransform?]> = {
  "sgd plain": [sgd({ mom: 0 })],
  "sgd plain with weight decay": [sgd({ mom: 0, wd: 0.1 })],
  sgd: [sgd()],
  "sgd with weight decay": [sgd({ wd: 0.1 })],
  "sgd nesterov": [sgd({ wd: 0.1, nesterov: true })],
  adam: [adam({ sqrMom: 0.999, eps: 1e-8, wd: 0, decoupleWd: false })],
  "adam with weight decay": [adam({ sqrMom: 0.999, eps: 1e-8, wd: 0.1, decoupleWd: false })],
  adamW: [adamW({ mom: 0.95, wd: 0.3 })],
  rmsProp: [rmsProp()],
  "rmsProp with all options": [rmsProp({ mom: 0.8, centered: true, wd: 0.1 })],
  clipGradNorm: [sgd({ mom: 0 }), clipGradNorm(0.5)],
  "clipGradNorm that is not reached": [sgd({ mom: 0 }), clipGradNorm(50)],
  clipGradValue: [sgd({ mom: 0 }), clipGradValue(0.1)],
};

describe("ten steps agree with PyTorch", () => {
  const fixture = readFixture<{ cases: readonly Trajectory[] }>("optim").cases;

  test("the table holds every case of the fixture", () => {
    expect(Object.keys(cases).sort()).toEqual(fixture.map(({ name }) => name).sort());
  });

  for (const torch of fixture) {
    test(torch.name, async () => {
      const [optimizer, transform] = cases[torch.name]!;
      await using runs = await steps(optimizer, transform);
      let state: Readonly<Record<string, Tensor>> = beginning;
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const mom = torch.scheduleMom ? torch.mom! - 0.01 * i : optimizer.defaults.mom;
        const hyper = { ...optimizer.defaults, mom };
        const result = await runs.run(state, { number: i + 1, lr: torch.lr * (1 + i / 10), hyper, feeds });
        losses.push(result.loss);
        state = result.state;
      }
      expect(relativeError(losses, torch.losses), "losses").toBeLessThan(1e-5);
      for (const name of names) {
        const got = state[`param:${name}`]!.data as Float32Array;
        expect(relativeError(got, torch.parameters[name]!), name).toBeLessThan(1e-5);
      }
    });
  }
});

/** A step of a published formula on one parameter, in float64. */
type Formula = (w: number[], gradient: number[], t: number, state: Record<string, number[]>) => number[];

const LR = 0.02;
const MOM = 0.9;
const SQR_MOM = 0.99;
const EPS = 1e-5;

/** Adam's averages without bias, divided. */
function adamRatio(gradient: number[], t: number, state: Record<string, number[]>): number[] {
  const m = (state["m"] ?? gradient.map(() => 0)).map((v, i) => MOM * v + (1 - MOM) * gradient[i]!);
  const v = (state["v"] ?? gradient.map(() => 0)).map(
    (s, i) => SQR_MOM * s + (1 - SQR_MOM) * gradient[i]! ** 2,
  );
  Object.assign(state, { m, v });
  const [debias1, debias2] = [1 - MOM ** t, 1 - SQR_MOM ** t];
  return m.map((mi, i) => mi / debias1 / (Math.sqrt(v[i]! / debias2) + EPS));
}

const norm = (x: number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

const formulas: Record<string, readonly [Optimizer, Formula]> = {
  // fastai: weight_decay, average_grad(dampening), average_sqr_grad, step_stat, adam_step.
  "fastai's Adam": [
    adam(),
    (w, gradient, t, state) => {
      const ratio = adamRatio(gradient, t, state);
      return w.map((v, i) => v * (1 - LR * 0.01) - LR * ratio[i]!);
    },
  ],
  // You et al. (2020), algorithm 2, with fastai's cap.
  "LAMB with weight decay": [
    lamb({ wd: 0.05 }),
    (w, gradient, t, state) => {
      const step = adamRatio(gradient, t, state).map((r, i) => r + 0.05 * w[i]!);
      const trust = Math.min(norm(w) / norm(step), 10);
      return w.map((v, i) => v - LR * trust * step[i]!);
    },
  ],
  "LAMB with a cap": [
    lamb({ maxRatio: 0.1 }),
    (w, gradient, t, state) => {
      const step = adamRatio(gradient, t, state);
      return w.map((v, i) => v - LR * Math.min(norm(w) / norm(step), 0.1) * step[i]!);
    },
  ],
};

describe("ten steps agree with the published formula", () => {
  for (const [name, [optimizer, formula]] of Object.entries(formulas)) {
    test(name, async () => {
      await using runs = await steps(optimizer);
      await using gradients = await steps(sgd({ mom: 0 }));
      let state: Readonly<Record<string, Tensor>> = beginning;
      const own = new Map<string, Record<string, number[]>>(names.map((each) => [each, {}]));
      let expected = beginning;
      for (let t = 1; t <= STEPS; t++) {
        // A step of plain descent with rate 1 tells the gradient at the formula's own point.
        const descent = await gradients.run(expected, { lr: 1, feeds });
        expected = Object.fromEntries(
          names.map((each) => {
            const before = expected[`param:${each}`]!;
            const w = Array.from(before.data as Float32Array);
            const after = descent.state[`param:${each}`]!.data as Float32Array;
            const next = formula(
              w,
              w.map((v, i) => v - after[i]!),
              t,
              own.get(each)!,
            );
            return [`param:${each}`, { ...before, data: Float32Array.from(next) }];
          }),
        );
        state = (await runs.run(state, { number: t, lr: LR, feeds })).state;
      }
      for (const each of names) {
        const got = state[`param:${each}`]!.data as Float32Array;
        // The gradient read off a step of plain descent has an absolute error of 1e-7.
        expect(relativeError(got, expected[`param:${each}`]!.data as Float32Array), each).toBeLessThan(1e-4);
      }
    });
  }

  test("LAMB moves a parameter that is zero", async () => {
    await using runs = await steps(lamb());
    const zero = Object.fromEntries(
      Object.entries(beginning).map(([name, value]) => [
        name,
        { ...value, data: new Float32Array(value.data.length) },
      ]),
    );
    const { state } = await runs.run(zero, { lr: LR, feeds });
    const bias = state["param:2.bias"]!.data as Float32Array;
    expect([...bias].every((v) => Math.abs(Math.abs(v) - LR) < 1e-3 * LR)).toBe(true);
    // No gradient reaches the first layer through weights that are zero.
    expect([...(state["param:0.weight"]!.data as Float32Array)].every((v) => v === 0)).toBe(true);
  });
});

describe("optimizers", () => {
  test("weight decay spares parameters outside `decayed`, by default biases", async () => {
    for (const optimizer of [sgd({ wd: 0.5, decoupleWd: true }), adam({ wd: 0.5 }), sgd({ wd: 0.5 })]) {
      await using runs = await Steps.make({
        model,
        lossFunc: mse(),
        optimizer,
        inputs: [{ dtype: "float32", shape: [6, 4] }],
        targets: [{ dtype: "float32", shape: [6, 3] }],
        groups: [{ name: "all", parameters: names }],
      });
      const none = { ...optimizer.defaults, wd: 0 };
      const [with_, without] = [
        (await runs.run(beginning, { feeds })).state,
        (await runs.run(beginning, { feeds, hyper: none })).state,
      ];
      expect(with_["param:0.bias"]!.data).toEqual(without["param:0.bias"]!.data);
      expect(with_["param:0.weight"]!.data).not.toEqual(without["param:0.weight"]!.data);
    }
  });

  test.each([
    ["sgd({ mom: 0 })", sgd({ mom: 0 }), 2],
    ["sgd()", sgd(), 4],
    ["adam() without decay", adam({ wd: 0 }), 11],
  ] as const)("%s takes few passes over a parameter", (_, optimizer, passes) => {
    const g = new GraphBuilder();
    const input = (name: string, shape: readonly number[] = [100]) => g.input(name, "float32", shape);
    optimizer.update({
      g,
      parameter: input("w"),
      gradient: input("g"),
      lr: input("lr", []),
      decays: false,
      slot: (name) => input(`slot:${name}`),
      scalar: (name) => input(`scalar:${name}`, []),
    });
    expect(g.nodes.filter((node) => node.outputs[0]!.shape.length > 0)).toHaveLength(passes);
  });

  test.each<[string, () => unknown, string]>([
    [
      "sgd",
      () => sgd({ mom: 0, nesterov: true }),
      "sgd with nesterov: expected mom to be a finite number above 0, got 0; try 0.9",
    ],
    ["adam", () => adam({ sqrMom: 1 }), "adam: expected sqrMom to be a finite number in [0, 1), got 1"],
    [
      "clipGradNorm",
      () => clipGradNorm(0),
      "clipGradNorm: expected maxNorm to be a finite number above 0, got 0",
    ],
    [
      "clipGradValue",
      () => clipGradValue(-1),
      "clipGradValue: expected clipValue to be a finite number above 0, got -1",
    ],
  ])("%s refuses options out of range", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
