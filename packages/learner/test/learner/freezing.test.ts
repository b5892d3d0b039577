import { describe, expect, test } from "vitest";
import { adam, crossEntropy, flatten, linear, relu, sequential, sgd } from "../../../engine/src/nn/index.js";
import type { Callback, Learner, TrainState } from "../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "./grouped.js";
import { bitsOf, cornerLearner } from "./toy.js";

/** Names of the parameters and buffers that an epoch of training changes. */
async function changedBy(learner: Learner): Promise<string[]> {
  const before = bitsOf(learner);
  await learner.fit(1, { lr: 0.01 });
  const after = bitsOf(learner);
  return Object.keys(before).filter((name) => before[name] !== after[name]);
}

const stemNorm = ["param:1.weight", "param:1.bias"];
const statistics = ["buffer:1.running_mean", "buffer:1.running_var"];
const hidden = ["param:5.weight", "param:5.bias"];
const head = ["param:8.weight", "param:8.bias"];

describe("freezing", () => {
  test("freeze leaves the last group and every batch-norm in training, the rest as it is bit for bit", async () => {
    await using learner = groupedLearner();
    learner.freeze();
    expect((await changedBy(learner)).sort()).toEqual([...stemNorm, ...statistics, ...head].sort());
  });

  test("trainBn: false freezes batch-norm's parameters too, but not the mini-batch's statistics", async () => {
    await using learner = groupedLearner({ trainBn: false });
    learner.freeze();
    expect((await changedBy(learner)).sort()).toEqual([...statistics, ...head].sort());
  });

  test("freezeTo counts from the front or from the end", async () => {
    await using learner = groupedLearner();
    learner.freezeTo(1);
    expect([...learner.trained].sort()).toEqual(
      ["1.weight", "1.bias", "5.weight", "5.bias", "8.weight", "8.bias"].sort(),
    );
    const { trained } = learner;
    learner.freezeTo(-2);
    expect(learner.trained).toEqual(trained);
    expect((await changedBy(learner)).sort()).toEqual(
      [...stemNorm, ...statistics, ...hidden, ...head].sort(),
    );
  });

  test("unfreeze trains all", async () => {
    await using learner = groupedLearner();
    learner.freeze();
    learner.unfreeze();
    expect((await changedBy(learner)).length).toBe(10);
  });

  test("a callback may thaw groups during a fit; states that somebody holds stay as they are", async () => {
    await using learner = groupedLearner();
    learner.freeze();
    const held: { state: TrainState; copy: TrainState }[] = [];
    const thaw: Callback = {
      name: "thaw",
      afterStep({ epoch, step }) {
        held.push({ state: learner.state, copy: structuredClone(learner.state) });
        if (step === 2) learner.freezeTo(epoch === 0 ? -2 : 0);
        if (step === 4) learner.freeze();
      },
    };
    await learner.fit(2, { cbs: [thaw] });
    // And once more without anybody who holds states, so that tensors take turns.
    await learner.fit(1, {
      cbs: [{ name: "thaw", afterStep: ({ step }) => learner.freezeTo(step % 2 ? 0 : -1) }],
    });
    for (const { state, copy } of held) expect(state).toEqual(copy);
    const { ages } = learner.state;
    expect(ages["8.weight"]).toBe(18);
    expect(ages["1.weight"]).toBe(18);
    expect(ages["5.weight"]).toBe(2 + 2 + 2);
    expect(ages["0.weight"]).toBe(2 + 2);
  });

  test("says what is wrong", async () => {
    await using learner = groupedLearner();
    for (const n of [3, -4, 0.5]) {
      expect(() => learner.freezeTo(n)).toThrow(
        `freezeTo: expected a whole number from -3 to 2, for 3 parameter group(s), got ${n}`,
      );
    }
    await using single = cornerLearner();
    expect(() => single.freeze()).toThrow(
      "freeze: expected at least two parameter groups, got 1; try a splitter that makes several",
    );
    await expect(single.fineTune(1)).rejects.toThrow("freeze: expected at least two");
  });

  test("a group that was frozen starts its bias correction afresh, as fastai's Adam does", async () => {
    const options = {
      dls: stripeLoaders({ shuffle: false }),
      model: sequential(flatten(), linear(36, 8), relu(), linear(8, 3)),
      splitter: () => [
        { name: "body", parameters: ["1.weight", "1.bias"] },
        { name: "head", parameters: ["3.weight", "3.bias"] },
      ],
      lossFunc: crossEntropy(),
      optFunc: adam({ wd: 0 }),
    };
    await using thawed = groupedLearner(options);
    await using fresh = groupedLearner(options);
    // The head does not move at such a rate, so that both bodies see the same gradients.
    const still = 1e-30;
    thawed.freeze();
    await thawed.fit(1, { lr: still });
    thawed.unfreeze();
    for (const learner of [thawed, fresh]) await learner.fit(1, { lr: [0.01, still] });
    for (const name of ["param:1.weight", "param:1.bias"]) {
      expect(bitsOf(thawed)[name]).toBe(bitsOf(fresh)[name]);
    }
    expect(thawed.state.ages).toEqual({ "1.weight": 6, "1.bias": 6, "3.weight": 12, "3.bias": 12 });
  });
});

describe("weight decay", () => {
  /** Names of the parameters whose first step depends on the weight decay. */
  async function decayedBy(wdBnBias: boolean): Promise<string[]> {
    const bits: Record<string, string>[] = [];
    for (const wd of [0, 0.5]) {
      await using learner = groupedLearner({
        wdBnBias,
        wd,
        optFunc: sgd({ mom: 0 }),
        dls: stripeLoaders({ batchSize: 48 }),
      });
      await learner.fit(1, { lr: 0.1 });
      bits.push(bitsOf(learner));
    }
    return Object.keys(bits[0]!).filter(
      (name) => name.startsWith("param:") && bits[0]![name] !== bits[1]![name],
    );
  }

  test("spares biases and batch-norm", async () => {
    expect((await decayedBy(false)).sort()).toEqual(["param:0.weight", "param:5.weight", "param:8.weight"]);
  });

  test("applies to batch-norm where wdBnBias says so", async () => {
    // Biases differ from zero at first, batch-norm's bias does not and so cannot shrink in one step.
    expect((await decayedBy(true)).sort()).toEqual(
      ["0.bias", "0.weight", "1.weight", "5.bias", "5.weight", "8.bias", "8.weight"].map(
        (name) => `param:${name}`,
      ),
    );
  });

  test("of one fit takes the place of the learner's", async () => {
    await using a = groupedLearner({ wd: 0.3 });
    await using b = groupedLearner();
    await a.fit(1);
    await b.fit(1, { wd: 0.3 });
    expect(bitsOf(a)).toEqual(bitsOf(b));
  });
});
