import { describe, expect, test } from "vitest";
import { HOOKS } from "../../src/learner/index.js";
import { groupedLearner, stripeLoaders } from "./grouped.js";
import { bitsOf, cornerLearner } from "./toy.js";

const lost = () => Promise.reject(new Error("connection lost"));

describe("a promise that a function of the user returns and that rejects ends the call with its error", () => {
  test("onStep, after the step that it was told of", async () => {
    await using learner = groupedLearner();
    await expect(learner.fit(1, { onStep: lost })).rejects.toThrow("connection lost");
    expect(learner.state.step).toBe(1);
  });

  test("onPoint of a search", async () => {
    await using learner = groupedLearner();
    const before = bitsOf(learner);
    await expect(learner.lrFind({ onPoint: lost })).rejects.toThrow("connection lost");
    expect(bitsOf(learner)).toEqual(before);
  });

  test.each([...HOOKS, "finish" as const])("the hook %s", async (hook) => {
    await using learner = groupedLearner();
    await expect(learner.fit(1, { cbs: [{ name: "lost", [hook]: lost }] })).rejects.toThrow(
      "connection lost",
    );
  });

  test("the first error counts, not one of the cleaning up after it", async () => {
    await using learner = groupedLearner();
    const finish = () => {
      throw new Error("and the lamp went out");
    };
    await expect(learner.fit(1, { cbs: [{ name: "lost", afterStep: lost, finish }] })).rejects.toThrow(
      "connection lost",
    );
  });

  test("a schedule's is refused as a rate", async () => {
    await using learner = cornerLearner();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const set = {
        name: "set",
        beforeStep: (loop: { lrs: unknown }) => void Object.assign(loop, { lrs: [lost()] }),
      };
      await expect(learner.fit(1, { cbs: [set as never] })).rejects.toThrow("lrs[0] to be a finite number");
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  test("onStep is waited for", async () => {
    await using learner = groupedLearner();
    let waiting = 0;
    await learner.fit(1, {
      async onStep() {
        expect(waiting++).toBe(0);
        await new Promise((resolve) => setTimeout(resolve, 5));
        waiting--;
      },
    });
  });
});

describe("an abort signal", () => {
  test("ends a fit with its reason, and the last finished step is kept", async () => {
    const steps = 4;
    await using learner = groupedLearner();
    const controller = new AbortController();
    let count = 0;
    const fit = learner.fit(2, {
      lr: 0.01,
      signal: controller.signal,
      onStep: () => void (++count === steps && controller.abort(new Error("enough"))),
    });
    await expect(fit).rejects.toThrow("enough");
    expect(learner.state.step).toBe(steps);
    await using reference = groupedLearner();
    let made = 0;
    const stop = () => {
      if (++made === steps) throw new Error("enough");
    };
    await expect(reference.fit(2, { lr: 0.01, onStep: stop })).rejects.toThrow("enough");
    expect(bitsOf(learner)).toEqual(bitsOf(reference));
  });

  test("ends an optimizer step between two of its mini-batches, without a trace", async () => {
    await using learner = groupedLearner({ accumulate: 4, dls: stripeLoaders({ batchSize: 4 }) });
    const before = bitsOf(learner);
    const controller = new AbortController();
    let seen = 0;
    const { lossFunc } = learner;
    const check = lossFunc.check?.bind(lossFunc);
    Object.assign(lossFunc, {
      check(...args: Parameters<NonNullable<typeof check>>) {
        if (++seen === 2) controller.abort(new Error("enough"));
        check?.(...args);
      },
    });
    await expect(learner.fit(1, { signal: controller.signal })).rejects.toThrow("enough");
    expect(seen).toBe(2);
    expect(bitsOf(learner)).toEqual(before);
    expect(learner.state.step).toBe(0);
  });

  test("reaches a trial, its steps and its validation", async () => {
    await using learner = groupedLearner();
    const controller = new AbortController();
    await using trial = await learner.startTrial({ signal: controller.signal });
    await trial.step(0.01);
    controller.abort(new Error("enough"));
    await expect(trial.step(0.01)).rejects.toThrow("enough");
    await expect(trial.validate!()).rejects.toThrow("enough");
    await expect(learner.startTrial({ signal: controller.signal })).rejects.toThrow("enough");
  });

  test("ends a search as a result, also while it validates", async () => {
    await using learner = groupedLearner();
    for (const lossOn of ["train", "validation"] as const) {
      const controller = new AbortController();
      let points = 0;
      const { curve } = await learner.lrFind({
        lossOn,
        signal: controller.signal,
        onPoint: () => void (++points === 3 && controller.abort()),
      });
      expect(curve.stop).toBe("aborted");
      expect(curve.loss).toHaveLength(3);
    }
  });

  test("ends evaluations with its reason", async () => {
    await using learner = groupedLearner();
    const signal = AbortSignal.abort(new Error("enough"));
    for (const call of [
      () => learner.validate({ signal }),
      () => learner.getPreds({ signal }),
      () => learner.confusionMatrix({ signal }),
      () => learner.topLosses(3, { signal }),
    ]) {
      await expect(call()).rejects.toThrow("enough");
    }
  });
});
