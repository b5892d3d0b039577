import { afterEach, describe, expect, test, vi } from "vitest";
import { buildEvaluationGraph } from "../../../../engine/src/nn/index.js";
import { encodeModelFile } from "../../../../engine/src/onnx/index.js";
import { values } from "../../../../engine/test/onnx/numeric.js";
import { loadModel } from "../../../src/learner/import/index.js";
import * as resolving from "../../../src/learner/import/resolve-shapes.js";
import { ShapeCache } from "../../../src/learner/import/shape-cache.js";

vi.mock("../../../src/learner/import/resolve-shapes.js", { spy: true });
afterEach(() => vi.clearAllMocks());

/** A cache of texts that says which were made. */
function counting(limit: number) {
  const cache = new ShapeCache<string>(limit);
  const made: string[] = [];
  const make = (key: string) =>
    cache.make(key, async () => {
      await Promise.resolve();
      made.push(key);
      return `${key}!`;
    });
  return { cache, made, make };
}

describe("ShapeCache", () => {
  test("keeps as many as its limit: those made or taken last", async () => {
    const { cache, made, make } = counting(3);
    for (const key of ["a", "b", "c"]) {
      await make(key);
      expect(cache.take(key)).toBe(`${key}!`);
    }
    expect(cache.take("a")).toBe("a!");
    await make("d");
    expect(cache.size).toBe(3);
    expect(["a", "b", "c", "d"].map((key) => cache.take(key))).toEqual(["a!", undefined, "c!", "d!"]);
    await make("a");
    await make("b");
    expect(made).toEqual(["a", "b", "c", "d", "b"]);
    expect(cache.take("c")).toBeUndefined();
    expect(cache.take("never")).toBeUndefined();
  });

  test("makes an entry once for many who ask at once, and gives none before it is made", async () => {
    const { cache, made, make } = counting(1);
    const all = Array.from({ length: 5 }, () => make("a"));
    expect(cache.take("a")).toBeUndefined();
    await Promise.all(all);
    expect(made).toEqual(["a"]);
    expect(cache.take("a")).toBe("a!");
  });

  test("gives everybody what they made, however many are made at once", async () => {
    const { cache, make } = counting(2);
    const keys = Array.from({ length: 40 }, (_, i) => String(i % 20));
    const taken = await Promise.all(keys.map((key) => make(key).then(() => cache.take(key))));
    expect(taken).toEqual(keys.map((key) => `${key}!`));
    expect(cache.size).toBe(2);
  });

  test("drops what somebody has taken before what nobody has", async () => {
    const { cache, make } = counting(2);
    await make("waiting");
    for (const key of ["a", "b", "c"]) {
      await make(key);
      expect(cache.take(key)).toBe(`${key}!`);
    }
    expect(cache.take("waiting")).toBe("waiting!");
    // But no more of these are kept than the limit allows.
    for (const key of ["w", "x", "y", "z"]) await make(key);
    expect(cache.size).toBe(2);
    expect(["w", "x", "y", "z"].map((key) => cache.take(key))).toEqual([undefined, undefined, "y!", "z!"]);
  });

  test("made again, an entry waits for its taker again", async () => {
    const { cache, make } = counting(2);
    await make("a");
    cache.take("a");
    await make("a");
    for (const key of ["b", "c"]) {
      await make(key);
      cache.take(key);
    }
    expect(cache.take("a")).toBe("a!");
  });

  test("keeps an entry that is asked for while another is made in its place", async () => {
    const { cache, make } = counting(1);
    await make("a");
    cache.take("a");
    await Promise.all([make("a"), make("b")]);
    expect([cache.take("a"), cache.take("b")]).toEqual(["a!", "b!"]);
    expect(cache.size).toBe(1);
  });

  test("tries anew what could not be made, and tells all who asked", async () => {
    const { cache, make } = counting(2);
    const failing = () => cache.make("a", () => Promise.reject(new Error("out of memory")));
    const [first, second] = [failing(), make("a")];
    await expect(first).rejects.toThrow("out of memory");
    await expect(second).rejects.toThrow("out of memory");
    expect(cache.size).toBe(0);
    await make("a");
    expect(cache.take("a")).toBe("a!");
  });
});

describe("an imported model", () => {
  const inputsOf = (batch: number) => [{ dtype: "float32", shape: [batch, 4] }] as const;
  const load = () =>
    loadModel(
      encodeModelFile({
        file: "line.onnx",
        producer: "test",
        graphName: "line",
        opset: 17,
        inputs: [{ name: "x", dtype: "float32", shape: ["batch", 4] }],
        outputs: [{ name: "y", dtype: null, shape: null }],
        initializers: new Map([["w", values([4, 3], 1)]]),
        nodes: [
          {
            name: "/MatMul",
            opType: "MatMul",
            domain: "",
            inputs: ["x", "w"],
            outputs: ["y"],
            attributes: {},
          },
        ],
      }).model,
    );
  const resolved = () => vi.mocked(resolving.resolveShapes).mock.calls.length;

  test("remembers the 32 shapes used last, and resolves others anew", async () => {
    const model = await load();
    const use = async (batch: number) => {
      await model.prepare(inputsOf(batch));
      return buildEvaluationGraph({ model, inputs: inputsOf(batch) }).predictionShape;
    };
    for (let batch = 1; batch <= 33; batch++) expect(await use(batch)).toEqual([batch, 3]);
    expect(resolved()).toBe(33);
    for (let batch = 33; batch > 1; batch--) await use(batch);
    expect(resolved()).toBe(33);
    await use(1);
    expect(resolved()).toBe(34);
    expect(() => buildEvaluationGraph({ model, inputs: inputsOf(33) })).toThrow(
      '"model.onnx": expected prepare() before forward(), got inputs of new shapes: [33, 4]',
    );
  });

  test("builds a graph for each of many shapes that are prepared at once", async () => {
    const model = await load();
    const batches = Array.from({ length: 80 }, (_, i) => 1 + (i % 40));
    const shapes = await Promise.all(
      batches.map(async (batch) => {
        await model.prepare(inputsOf(batch));
        return buildEvaluationGraph({ model, inputs: inputsOf(batch) }).predictionShape;
      }),
    );
    expect(shapes).toEqual(batches.map((batch) => [batch, 3]));
    expect(resolved()).toBe(40);
  });
});
