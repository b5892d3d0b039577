import { describe, expect, test } from "vitest";
import type { Optimizer, UpdateContext } from "../../../engine/src/nn/index.js";
import { LrfindError } from "../../../lrfind/src/core/index.js";
import { cornerLearner } from "./toy.js";

/** Momentum descent, as somebody writes it. */
const mine: Optimizer = {
  name: "mine",
  defaults: { mom: 0.5, wd: 0 },
  slots: ["velocity"],
  scalars: (_, { mom }) => ({ mom }),
  update({ g, parameter, gradient, lr, slot, scalar }) {
    const velocity = g.add(g.mul(slot("velocity"), scalar("mom")), gradient);
    return { parameter: g.sub(parameter, g.mul(velocity, lr)), slots: { velocity } };
  },
};

/** What a step with a changed version of it says. */
async function refusalOf(changed: Partial<Optimizer>): Promise<string> {
  await using learner = cornerLearner({ optFunc: { ...mine, ...changed } });
  const before = learner.state;
  const error = await learner.fit(1).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LrfindError);
  expect(learner.state).toBe(before);
  return (error as LrfindError).message;
}

const update = (change: (context: UpdateContext) => object) => ({
  update: (context: UpdateContext) => ({ ...mine.update(context), ...change(context) }) as never,
});

describe("an optimizer of one's own", () => {
  test("trains", async () => {
    await using learner = cornerLearner({ optFunc: mine });
    const [first, , last] = await learner.fit(3);
    expect(last!.trainLoss).toBeLessThan(first!.trainLoss);
  });

  test.each<[string, Partial<Optimizer>, RegExp]>([
    [
      "forgets a scalar that it asks for",
      { scalars: () => ({}) },
      /^optimizer "mine": expected scalars to give "mom", which its update asks for, got none; try scalars/,
    ],
    [
      "names it otherwise",
      { scalars: () => ({ mon: 0.9 }) },
      /expected scalars to give "mom".*, got mon; try mon$/,
    ],
    [
      "asks for a slot that it does not list",
      { slots: [] },
      /^optimizer "mine": expected its update to ask for one of its slots \(none\), got "velocity"; try slots: \["velocity"\]/,
    ],
    [
      "forgets to give a slot back",
      update(() => ({ slots: {} })),
      /^optimizer "mine": expected its update to give the slot "velocity", got undefined/,
    ],
    [
      "forgets to give the parameter back",
      update(() => ({ parameter: undefined })),
      /expected its update to give the parameter, got undefined/,
    ],
    [
      "gives nothing back",
      { update: () => undefined as never },
      /expected its update to give the parameter, got undefined/,
    ],
  ])("that %s is refused by name, and the learner stays as it was", async (_, changed, message) => {
    expect(await refusalOf(changed)).toMatch(message);
  });
});
