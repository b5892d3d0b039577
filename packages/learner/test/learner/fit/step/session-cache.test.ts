import { describe, expect, test } from "vitest";
import { crossEntropy, globalAvgPool, linear, sequential } from "../../../../../engine/src/nn/index.js";
import { arrayDataset, dataLoaders } from "../../../../src/data/index.js";
import { SessionCache } from "../../../../src/learner/fit/step/session-cache.js";
import type { LearnerOptions } from "../../../../src/learner/index.js";
import { accuracy, Learner } from "../../../../src/learner/index.js";
import { bitsOf, cornerLearner } from "../../toy.js";

/** Sessions that say when they are made and released, and whether one is released while it runs. */
function counting() {
  const live = new Set<string>();
  const log = { made: [] as string[], released: [] as string[], most: 0, running: 0 };
  const make = (key: string) => async () => {
    await Promise.resolve();
    live.add(key);
    log.made.push(key);
    log.most = Math.max(log.most, live.size);
    const session = {
      inputs: [],
      outputs: [],
      run: async () => {
        log.running++;
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (!live.has(key)) throw new Error(`${key} was released while it ran`);
        log.running--;
        return {};
      },
      async [Symbol.asyncDispose]() {
        if (!live.delete(key)) throw new Error(`${key} was released twice`);
        log.released.push(key);
      },
    };
    return { session };
  };
  const use = (cache: SessionCache, key: string) =>
    cache.use(key, make(key), ({ session }) => session.run().then(() => key));
  return { live, log, use };
}

describe("SessionCache", () => {
  test("keeps as many as its limit: those used last", async () => {
    const { live, log, use } = counting();
    await using cache = new SessionCache(3);
    for (const key of ["a", "b", "c", "a", "d", "a", "e"]) await use(cache, key);
    expect([...live].sort()).toEqual(["a", "d", "e"]);
    expect(log.released).toEqual(["b", "c"]);
    expect(log.most).toBe(3);
    expect(cache.size).toBe(3);
    await use(cache, "b");
    expect(log.made).toEqual(["a", "b", "c", "d", "e", "b"]);
  });

  test("releases none that runs, and those beyond the limit as soon as they are idle", async () => {
    const { live, log, use } = counting();
    await using cache = new SessionCache(2);
    const keys = Array.from({ length: 40 }, (_, i) => String(i % 8));
    expect(await Promise.all(keys.map((key) => use(cache, key)))).toEqual(keys);
    expect(live.size).toBe(2);
    expect(log.running).toBe(0);
  });

  test("makes one for many who ask at once, and tries anew what could not be made", async () => {
    const { log, use } = counting();
    await using cache = new SessionCache(2);
    await Promise.all(Array.from({ length: 5 }, () => use(cache, "a")));
    expect(log.made).toEqual(["a"]);
    const failing = () =>
      cache.use(
        "b",
        async () => {
          throw new Error("no such operator");
        },
        async () => "never",
      );
    await expect(failing()).rejects.toThrow("no such operator");
    expect(await use(cache, "b")).toBe("b");
  });

  test("disposed, waits for what runs, releases all, and refuses what comes later; twice is once", async () => {
    const { live, log, use } = counting();
    const cache = new SessionCache(4);
    const running = [use(cache, "a"), use(cache, "b")];
    await new Promise((resolve) => setTimeout(resolve));
    await Promise.all([cache[Symbol.asyncDispose](), cache[Symbol.asyncDispose]()]);
    expect(await Promise.all(running)).toEqual(["a", "b"]);
    expect(live.size).toBe(0);
    expect(log.released.sort()).toEqual(["a", "b"]);
    await expect(use(cache, "a")).rejects.toThrow(
      "Learner: expected a learner in use, got one that has been disposed",
    );
  });
});

describe("maxSessions", () => {
  /** Images of any size. */
  function anySize(options: Partial<LearnerOptions> = {}): Learner {
    const images = Float32Array.from({ length: 12 * 16 }, (_, i) => Math.sin(i));
    const dataset = arrayDataset({
      images,
      shape: [1, 4, 4],
      labels: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
      classes: ["a", "b"],
    });
    return new Learner({
      dls: dataLoaders(dataset, { batchSize: 4, validPct: 0.5 }),
      model: sequential(globalAvgPool(), linear(1, 2)),
      lossFunc: crossEntropy(),
      metrics: [accuracy],
      runtime: { threads: 1 },
      ...options,
    });
  }
  const sessions = (learner: Learner) => (learner as unknown as { sessions: SessionCache }).sessions;

  test("bounds what many shapes leave behind, and changes no result", async () => {
    await using bounded = anySize({ maxSessions: 2 });
    await using plain = anySize();
    const loaderOf = (batchSize: number) => ({ loader: plain.dls.valid!.with({ batchSize }) });
    for (const batchSize of [1, 2, 3, 4, 5, 6, 1, 2]) {
      const { predictions } = await bounded.getPreds(loaderOf(batchSize));
      expect(predictions).toEqual((await plain.getPreds(loaderOf(batchSize))).predictions);
      expect(await bounded.validate(loaderOf(batchSize))).toEqual(await plain.validate(loaderOf(batchSize)));
      expect(sessions(bounded).size).toBeLessThanOrEqual(2);
    }
    expect(sessions(plain).size).toBeGreaterThan(8);
    await bounded.fit(2, { lr: 0.1 });
    await plain.fit(2, { lr: 0.1 });
    expect(bitsOf(bounded)).toEqual(bitsOf(plain));
    expect(sessions(bounded).size).toBeLessThanOrEqual(2);
  });

  test("is 32 where nothing else is said, and a whole number from 1 up", async () => {
    await using learner = anySize();
    const images = new Float32Array(40 * 16);
    const dataset = arrayDataset({
      images,
      shape: [1, 4, 4],
      labels: new Int32Array(40),
      classes: ["a", "b"],
    });
    const { train } = dataLoaders(dataset, { batchSize: 40, validPct: 0 });
    for (let batchSize = 40; batchSize > 6; batchSize--) {
      await learner.getPreds({ loader: train.with({ batchSize }) });
    }
    expect(sessions(learner).size).toBe(32);
    for (const maxSessions of [0, -1, 1.5, Number.NaN, null, "8"]) {
      expect(() => cornerLearner({ maxSessions: maxSessions as number })).toThrow(
        "Learner: expected maxSessions to be an integer",
      );
    }
  });
});
