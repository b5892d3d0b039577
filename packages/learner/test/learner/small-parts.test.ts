import { describe, expect, test } from "vitest";
import { adam, type Model, type Optimizer } from "../../../engine/src/nn/index.js";
import { type Tensor, tensor } from "../../../engine/src/onnx/index.js";
import { describe as describeValue } from "../../../lrfind/src/core/index.js";
import { arrayDataset, dataLoaders, tensorDataset } from "../../src/data/index.js";
import { NonFiniteLossError, NonFiniteStateError } from "../../src/learner/errors.js";
import { cohortScalars, cohortsOf, withCohorts } from "../../src/learner/fit/step/cohorts.js";
import { findNonFinite, nameInWords } from "../../src/learner/fit/step/finiteness.js";
import { fixedRowsOf, restoreFixedRows } from "../../src/learner/fit/step/fixed-rows.js";
import { checkEpochs } from "../../src/learner/fit/training-loop.js";
import { externalNameOf, isExternalNameOf, sha1 } from "../../src/learner/import/external-name.js";
import { type GroupSplitter, splitParameters } from "../../src/learner/import/groups.js";
import { LearnerError, ratesOf } from "../../src/learner/index.js";
import { singleRate } from "../../src/learner/learning-rate.js";
import { ParameterGroups } from "../../src/learner/parameter-groups.js";
import { fixedLines, formatSummary, layersOf } from "../../src/learner/summary.js";
import { taskOf } from "../../src/learner/task.js";

const caught = (act: () => unknown): LearnerError => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(LearnerError);
    return error as LearnerError;
  }
  return expect.fail("nothing was thrown");
};
const vector = (...values: number[]) => tensor("float32", [values.length], values);

describe("what is not finite", () => {
  const good = vector(1, 2);

  test("is found in parameters first, then in the order made; the first such element", () => {
    const bad = vector(0, Number.NaN, Infinity);
    const made = { "slot:m:a": vector(Infinity), "buffer:b": bad, "param:a": good, "param:z": bad };
    expect(findNonFinite(made, {})).toEqual({ tensor: "param:z", value: Number.NaN, wasBefore: false });
    const { "param:z": _, ...rest } = made;
    expect(findNonFinite(rest, {})).toMatchObject({ tensor: "slot:m:a", value: Infinity });
    expect(findNonFinite({ "buffer:a": vector(-Infinity), ...rest }, {})).toMatchObject({
      tensor: "buffer:a",
    });
    expect(findNonFinite({ "param:a": good }, { "param:a": bad })).toBeUndefined();
    expect(findNonFinite({}, {})).toBeUndefined();
  });

  test("says whether it was so before", () => {
    for (const [before, was] of [
      [vector(Number.NaN, 0), true],
      [good, false],
      [undefined, false],
    ] as const) {
      const state = before ? { "param:a": before } : {};
      expect(findNonFinite({ "param:a": vector(0, Number.NaN) }, state)!.wasBefore).toBe(was);
    }
  });

  test.each([
    ["param:a.b", 'parameter "a.b"'],
    ["param:a:b", 'parameter "a:b"'],
    ["param:a\nb", 'parameter "a\nb"'],
    ["buffer:mean", 'buffer "mean"'],
    ["slot:mean:a.b", `the optimizer's "mean" of parameter "a.b"`],
    ["slot:mean:a:b", `the optimizer's "mean" of parameter "a:b"`],
  ])("has the name of %s in words", (name, words) => {
    expect(nameInWords(name)).toBe(words);
  });

  test("is told with step, loss, tensor and value", () => {
    const loss = new NonFiniteLossError("fit", Infinity, 4);
    expect(loss).toMatchObject({ name: "NonFiniteLossError", loss: Infinity, step: 4 });
    expect(loss.message).toBe(
      "fit: expected a finite loss at step 4, got Infinity; try a lower learning rate (lrFind suggests one), or look for NaN in the data",
    );
    const found = { tensor: "param:w", value: -Infinity, wasBefore: false };
    const state = new NonFiniteStateError("fit", found, { step: 3, loss: 0.5 });
    expect(state).toMatchObject({
      name: "NonFiniteStateError",
      tensor: "param:w",
      value: -Infinity,
      step: 3,
    });
    expect(state.message).toBe(
      'fit: expected parameter "w" to stay finite at step 3, whose loss is 0.5, got -Infinity; try to look for a root, a logarithm or a division at 0, whose gradient is not finite, or a lower learning rate',
    );
    const before = new NonFiniteStateError("fit", { ...found, wasBefore: true }, { step: 3, loss: 0.5 });
    expect(before.message).toContain(
      "got -Infinity, which it had in it before the step; try a state without NaN and infinities",
    );
  });
});

test("rows that stay are put back, of parameters as they were, of slots as they were or 0", () => {
  const model = {
    parameters: [{ name: "table", fixedRows: [0, 2] }, { name: "other", fixedRows: [] }, { name: "plain" }],
  } as unknown as Model;
  const fixed = fixedRowsOf(model);
  expect(fixed).toEqual([{ name: "table", rows: [0, 2] }]);
  const table = (...values: number[]) => tensor("float32", [3, 2], values);
  const made: Record<string, Tensor<"float32">> = {
    "param:table": table(10, 11, 12, 13, 14, 15),
    "slot:m:table": table(20, 21, 22, 23, 24, 25),
    "slot:v:table": table(30, 31, 32, 33, 34, 35),
    "slot:m:my:table": table(1, 1, 1, 1, 1, 1),
    "slot:m:mytable": table(2, 2, 2, 2, 2, 2),
    "param:plain": table(3, 3, 3, 3, 3, 3),
    "buffer:table": table(4, 4, 4, 4, 4, 4),
  };
  const before = { "param:table": table(0, 1, 2, 3, 4, 5), "slot:m:table": table(6, 7, 8, 9, 6, 5) };
  restoreFixedRows(made, before, { fixed, slots: ["m", "v"] });
  const values = (name: string) => Array.from(made[name]!.data);
  expect(values("param:table")).toEqual([0, 1, 12, 13, 4, 5]);
  expect(values("slot:m:table")).toEqual([6, 7, 22, 23, 6, 5]);
  expect(values("slot:v:table")).toEqual([0, 0, 32, 33, 0, 0]);
  for (const name of ["slot:m:mytable", "param:plain", "buffer:table"]) {
    expect(new Set(values(name)).size, name).toBe(1);
  }
});

describe("parameter groups", () => {
  const spec = (name: string, role: string) => ({ name, role, shape: [2] });
  const model = {
    parameters: [spec("a.w", "weight"), spec("a.b", "bias"), spec("n.w", "norm"), spec("c.w", "weight")],
    buffers: [],
  } as unknown as Model;
  const three = [
    { name: "x", parameters: ["a.w", "a.b"] },
    { name: "y", parameters: ["n.w"] },
    { name: "z", parameters: ["c.w"] },
  ];
  const rules = { trainBn: true, wdBnBias: false };

  test("are those given, else the model's, else one", () => {
    const own = { ...model, paramGroups: three.slice(0, 1) } as Model;
    expect(new ParameterGroups(own, three, rules).groups).toBe(three);
    expect(new ParameterGroups(own, undefined, rules).groups).toEqual(three.slice(0, 1));
    expect(new ParameterGroups(model, undefined, rules).groups).toEqual([
      { name: "all", parameters: ["a.w", "a.b", "n.w", "c.w"] },
    ]);
  });

  test("are frozen from the front, normalisation apart", () => {
    for (const trainBn of [true, false]) {
      const groups = new ParameterGroups(model, three, { ...rules, trainBn });
      const trained = [["a.w", "a.b", "n.w", "c.w"], ["n.w", "c.w"], trainBn ? ["n.w", "c.w"] : ["c.w"]];
      expect([...groups.trained]).toEqual(trained[0]);
      expect(groups.frozen).toBe(0);
      for (const n of [2, 1, 0, -1, -2, -3]) {
        groups.freezeTo(n);
        const frozen = n < 0 ? n + 3 : n;
        expect(groups.frozen).toBe(frozen);
        expect([...groups.trained]).toEqual(trained[frozen]);
        expect(groups.trained).toBe(groups.trained);
      }
      groups.freeze();
      expect(groups.frozen).toBe(2);
    }
  });

  test("leave at least one to train", () => {
    const groups = new ParameterGroups(model, three, rules);
    groups.freezeTo(1);
    for (const n of [3, -4, 0.5, Number.NaN, Infinity]) {
      const error = caught(() => groups.freezeTo(n));
      expect(error).toMatchObject({
        where: "freezeTo",
        expected: "a whole number from -3 to 2, for 3 parameter group(s)",
        got: String(n),
        hint: undefined,
      });
    }
    expect(groups.frozen).toBe(1);
    const single = new ParameterGroups(model, undefined, rules);
    expect(caught(() => single.freezeTo(1)).hint).toBe("a splitter that makes several groups");
    expect(caught(() => single.freeze())).toMatchObject({
      where: "freeze",
      expected: "at least two parameter groups",
      got: "1",
      hint: "a splitter that makes several",
    });
    single.freezeTo(0);
    single.freezeTo(-1);
    const two = new ParameterGroups(model, three.slice(1), rules);
    two.freeze();
    expect([...two.trained]).toEqual(["n.w", "c.w"]);
  });

  test("have weight decay by role", () => {
    expect([...new ParameterGroups(model, three, rules).decayed]).toEqual(["a.w", "c.w"]);
    expect(new ParameterGroups(model, three, { ...rules, wdBnBias: true }).decayed.size).toBe(4);
  });

  test.each([
    [[]],
    [[{ name: "a" }]],
    [[{ name: 1, parameters: [] }]],
    [[{ name: "a", parameters: [1] }]],
    [null],
    [{}],
  ])("are no %j", (groups) => {
    expect(caught(() => new ParameterGroups(model, groups as never, rules)).where).toBe("Learner splitter");
  });

  test("are shown with their layers, numbers and what stays", () => {
    const sized = {
      parameters: [
        { name: "w", shape: [], role: "weight" },
        { name: "body.0.weight", shape: [30, 50], role: "weight", fixedRows: [1, 3] },
        { name: "body.0.bias", shape: [30], role: "bias", fixedRows: [] },
        { name: "body.1.weight", shape: [3], role: "norm" },
        { name: "head.weight", shape: [2, 3], role: "weight" },
      ],
      buffers: [],
      fixed: [
        { name: "mean", shape: [1, 2] },
        { name: "scale", shape: [] },
      ],
    } as unknown as Model;
    const named = [
      { name: "body", parameters: ["body.0.weight", "body.0.bias", "body.1.weight"] },
      { name: "head", parameters: ["head.weight"] },
    ];
    const groups = new ParameterGroups(sized, named, rules);
    groups.freeze();
    const layers = layersOf(sized, groups);
    expect(layers).toEqual([
      { layer: "", group: "", shapes: { w: [] }, parameters: 1, trained: false },
      {
        layer: "body.0",
        group: "body",
        shapes: { weight: [30, 50], bias: [30] },
        parameters: 1530,
        trained: false,
      },
      { layer: "body.1", group: "body", shapes: { weight: [3] }, parameters: 3, trained: true },
      { layer: "head", group: "head", shapes: { weight: [2, 3] }, parameters: 6, trained: true },
    ]);
    const notes = fixedLines(sized);
    expect(notes).toEqual([
      "buffers, not trained: mean [1, 2]  scale []",
      "rows that stay: body.0.weight row 1, 3",
    ]);
    expect(fixedLines(model)).toEqual([]);
    expect(`\n${formatSummary(layers, notes)}\n`).toBe(`
layer   group  shapes                      parameters  trained
------  -----  --------------------------  ----------  -------
               w []                                 1  no
body.0  body   weight [30, 50]  bias [30]       1,530  no
body.1  body   weight [3]                           3  yes
head    head   weight [2, 3]                        6  yes

1,540 parameters, 9 of them trained
buffers, not trained: mean [1, 2]  scale []
rows that stay: body.0.weight row 1, 3
`);
    expect(formatSummary([])).toMatch(/\n\n0 parameters, 0 of them trained$/);
  });
});

describe("an imported model's groups", () => {
  const names = ["fc1.w", "fc1.b", "fc2.w"];
  test.each<[GroupSplitter, [string, string[]][]]>([
    [
      ["fc1.", "fc2/"].map((prefix) => prefix.replace("/", "")),
      [
        ["fc1", ["fc1.w", "fc1.b"]],
        ["fc2", ["fc2.w"]],
      ],
    ],
    [
      ["fc1.b", ""],
      [
        ["fc1.b", ["fc1.b"]],
        ["group 1", ["fc1.w", "fc2.w"]],
      ],
    ],
    [
      [["fc2.", "fc1.b"], ["fc1"]],
      [
        ["fc2", ["fc1.b", "fc2.w"]],
        ["fc1", ["fc1.w"]],
      ],
    ],
    [
      (name) => (name === "fc2.w" ? 2 : 0),
      [
        ["group 0", ["fc1.w", "fc1.b"]],
        ["group 1", []],
        ["group 2", ["fc2.w"]],
      ],
    ],
  ])("by %j", (splitter, groups) => {
    expect(splitParameters(names, splitter)).toEqual(
      groups.map(([name, parameters]) => ({ name, parameters })),
    );
  });

  test.each([-1, 0.5, Number.NaN, undefined, "0"])("have no index %s", (index) => {
    expect(caught(() => splitParameters(names, () => index as number))).toMatchObject({
      where: "loadModel: groups",
      expected: 'a group index from 0 up for "fc1.w"',
      got: describeValue(index),
      hint: 'a prefix that its name starts with, or a last group of prefix ""',
    });
  });
});

test("external data are named by model and contents, and known by that name", async () => {
  const hash = await sha1(new TextEncoder().encode("abc"));
  // FIPS 180-4's example.
  expect(hash).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  const name = externalNameOf("m.onnx", hash);
  expect(name).toBe("m.onnx.a9993e364706816a.data");
  expect(isExternalNameOf("m.onnx", name)).toBe(true);
  for (const other of [
    "n.onnx.a9993e364706816a.data",
    "m.onnx.a9993e364706816a.date",
    "m.onnx.a9993e364706816.data",
    "m.onnx.a9993e364706816ab.data",
    "m.onnx.A9993E364706816A.data",
    "m.onnx.a9993e364706816g.data",
    "m.onnx.data",
    `x${name}`,
    `${name}x`,
  ]) {
    expect(isExternalNameOf("m.onnx", other), other).toBe(false);
  }
});

describe("learning rates", () => {
  const found = (reason: string | undefined, lr: number | null = null) => ({ valley: { lr, reason } });

  test("spread over groups by their formula", () => {
    for (const groups of [2, 3, 5]) {
      const rates = ratesOf({ from: 1e-5, to: 1e-1 }, groups, "fit");
      for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(1e-5 * 1e4 ** (i / (groups - 1)), 12);
    }
    expect(ratesOf({ from: 1e-5, to: 1e-1 }, 1, "fit")).toEqual([1e-1]);
    expect(ratesOf({ to: 0.5 }, 1, "fit")).toEqual([0.5]);
    expect(ratesOf({ to: 0.5 }, 3, "fit")).toEqual([0.05, 0.05, 0.5]);
    expect(singleRate({ lr: 1, lrs: [1, 2] }, "x")).toBe(2);
    expect(singleRate(3, "x")).toBe(3);
  });

  test.each<[unknown, number, string]>([
    [0, 1, "fit lr: expected a positive number, got 0"],
    ["0.1", 1, 'fit lr: expected a positive number, got "0.1"'],
    [undefined, 1, "fit lr: expected a positive number, got undefined"],
    [Infinity, 1, "fit lr: expected a positive number, got Infinity"],
    [[], 1, "fit lr: expected 1 learning rate(s), one per parameter group, got 0"],
    [[1, 2, 3], 2, "fit lr: expected 2 learning rate(s), one per parameter group, got 3"],
    [[1, -2], 2, "fit lr[1]: expected a positive number, got -2"],
    [{}, 2, "fit lr.to: expected a positive number, got undefined"],
    [{ from: 0, to: 1 }, 2, "fit lr.from: expected a positive number, got 0"],
    [{ from: -1, to: 1 }, 1, "fit lr.from: expected a positive number, got -1"],
    [
      { lr: null, lrs: null },
      1,
      "fit lr: expected a search that found a learning rate, got none; try another of suggestFuncs, or what the result's diagnostics say",
    ],
    [{ lr: null, lrs: null, suggestions: found("too flat") }, 1, "got none (too flat); try"],
    [{ lr: null, lrs: null, suggestions: found("said nothing", 0.1) }, 1, "got none; try"],
    [{ lr: null, lrs: null, suggestions: {} }, 1, "got none; try"],
    [
      {
        lr: null,
        lrs: null,
        suggestions: found("whole"),
        groups: [
          { group: "a", suggestions: found(undefined, 0.1) },
          { group: "b", suggestions: found("too short") },
        ],
      },
      2,
      'got none for group "b" (too short); try',
    ],
  ])("are no %j", (lr, groups, message) => {
    expect(caught(() => ratesOf(lr as number, groups, "fit")).message).toContain(message);
  });

  test.each([0, -1, 1.5, Number.NaN, "2", 100_001, null])("are for no %j groups", (groups) => {
    expect(caught(() => ratesOf(0.1, groups as number, "fit")).where).toBe("ratesOf groups");
  });

  test("are for as many as 100,000 groups, and a caller that has a name", () => {
    expect(ratesOf(0.1, 100_000, "fit")).toHaveLength(100_000);
    for (const where of [undefined, null, 3]) {
      expect(caught(() => ratesOf(0.1, 1, where as never)).where).toBe("ratesOf where");
    }
  });
});

describe("the numbers of epochs", () => {
  test.each<[unknown, unknown, string | undefined]>([
    [0, 0, undefined],
    [3, 0, undefined],
    [3, 3, undefined],
    [-1, 0, "here: expected a whole number from 0 up, got -1"],
    [0.5, 0, "here: expected a whole number from 0 up, got 0.5"],
    [2 ** 53, 0, "here: expected a whole number from 0 up, got 9007199254740992"],
    ["1", 0, 'here: expected a whole number from 0 up, got "1"'],
    [3, 4, "fit startEpoch: expected a whole number from 0 to nEpoch = 3, got 4"],
    [3, -1, "fit startEpoch: expected a whole number from 0 to nEpoch = 3, got -1"],
    [3, 0.5, "fit startEpoch: expected a whole number from 0 to nEpoch = 3, got 0.5"],
    [3, "1", 'fit startEpoch: expected a whole number from 0 to nEpoch = 3, got "1"'],
  ])("%j from %j: %s", (nEpoch, startEpoch, message) => {
    const act = () => checkEpochs(nEpoch as number, startEpoch as number, "here");
    if (message === undefined) expect(act).not.toThrow();
    else expect(caught(act).message).toBe(message);
  });
  test("are those of fit where nobody is named", () => {
    expect(caught(() => checkEpochs(-1, 0)).where).toBe("fit nEpoch");
  });
});

test("cohorts have the optimizer's scalars of their own age, by their number", () => {
  const cohorts = cohortsOf(new Set(["a", "b", "c"]), {
    tensors: {},
    step: 9,
    epoch: 0,
    ages: { a: 2, c: 2 },
  });
  expect([cohorts.ages, cohorts.key]).toEqual([[2, 0], "0,1,0"]);
  const asked: string[] = [];
  const optimizer = {
    ...adam(),
    scalars: (step: number, { mom }: { mom: number }) => ({ at: step, mom }),
    update({ scalar }: { scalar: (name: string) => unknown }) {
      scalar("at");
      return {};
    },
  } as unknown as Optimizer;
  expect(cohortScalars(optimizer, cohorts, { mom: 0.5, wd: 0 })).toEqual({
    "0/at": 3,
    "0/mom": 0.5,
    "1/at": 1,
    "1/mom": 0.5,
  });
  for (const name of ["param:a", "param:b", "param:c", "param:unknown"]) {
    withCohorts(optimizer, cohorts).update({
      parameter: { name },
      scalar: (s: string) => asked.push(s),
    } as never);
  }
  expect(asked).toEqual(["0/at", "1/at", "0/at", "0/at"]);
});

describe("the task of data", () => {
  const images = { images: new Float32Array(16), shape: [1, 2, 2], labels: [0, 1, 0, 2] } as const;
  const numbers = (shape: readonly number[]) =>
    dataLoaders(
      tensorDataset({
        inputs: [vector(1, 2, 3, 4)],
        targets: [
          {
            dtype: "float32",
            shape: [4, ...shape],
            data: new Float32Array(4 * shape.reduce((a, b) => a * b, 1)),
          },
        ],
      }),
      { batchSize: 2, validPct: 0 },
    );

  test("is classes, an output for each, or numbers", () => {
    const classes = taskOf(
      dataLoaders(arrayDataset({ ...images, classes: 3 }), { batchSize: 2, validPct: 0 }),
      "x",
    );
    expect([classes.outputs, classes.lossFunc.name, classes.metrics.map(({ name }) => name)]).toEqual([
      3,
      "crossEntropy",
      ["accuracy"],
    ]);
    for (const [shape, outputs] of [
      [[], 1],
      [[3], 3],
      [[2, 3], 6],
    ] as const) {
      const task = taskOf(numbers(shape), "x");
      expect([task.outputs, task.lossFunc.name, task.metrics.map(({ name }) => name)]).toEqual([
        outputs,
        "mse",
        ["rmse"],
      ]);
    }
  });

  test("has one target", () => {
    for (const count of [0, 2]) {
      const targets = Array.from({ length: count }, () => vector(1, 2, 3, 4));
      const dls = dataLoaders(tensorDataset({ inputs: [vector(1, 2, 3, 4)], targets }), {
        batchSize: 2,
        validPct: 0,
      });
      expect(caught(() => taskOf(dls, "maker")).message).toBe(
        `maker: expected data loaders with one target, got ${count}; try a Learner with a model and a loss of your own`,
      );
    }
  });
});
