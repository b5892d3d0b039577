import { expect, test } from "vitest";
import { adam } from "../../../../../engine/src/nn/index.js";
import { cohortScalars, cohortsOf } from "../../../../src/learner/fit/step/cohorts.js";

const state = (ages: Record<string, number>) => ({ tensors: {}, step: 9, epoch: 0, ages });
const trained = new Set(["a", "b", "c"]);

test("parameters of equal age are of one cohort, whatever the age", () => {
  expect(cohortsOf(trained, state({}))).toEqual({
    ages: [0],
    of: new Map([
      ["a", 0],
      ["b", 0],
      ["c", 0],
    ]),
    key: "",
  });
  expect(cohortsOf(trained, state({ a: 4, b: 4, c: 4 })).key).toBe("");
});

test("the division stays the same from step to step", () => {
  const before = cohortsOf(trained, state({ a: 5, c: 5 }));
  const after = cohortsOf(trained, state({ a: 6, b: 1, c: 6 }));
  expect(before.ages).toEqual([5, 0]);
  expect(after.ages).toEqual([6, 1]);
  expect(after.key).toBe(before.key);
});

test("each cohort has the optimizer's scalars of its own next step", () => {
  const optimizer = adam();
  const hyper = { mom: 0.9, wd: 0 };
  const scalars = cohortScalars(optimizer, cohortsOf(trained, state({ a: 5, c: 5 })), hyper);
  for (const [cohort, step] of [
    [0, 6],
    [1, 1],
  ] as const) {
    for (const [name, value] of Object.entries(optimizer.scalars(step, hyper))) {
      expect(scalars[`${cohort}/${name}`]).toBe(value);
    }
  }
});
