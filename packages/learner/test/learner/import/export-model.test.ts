import { describe, expect, test } from "vitest";
import { linear, modelOf, relu, sequential } from "../../../../engine/src/nn/index.js";
import { decodeModel, tensor } from "../../../../engine/src/onnx/index.js";
import { type ExportModelOptions, exportModel, LearnerError } from "../../../src/learner/index.js";
import { initialState } from "../../../src/learner/state.js";

const model = modelOf(sequential(linear(4, 3), relu(), linear(3, 2)));
const inputs = [{ dtype: "float32", itemShape: [4] }] as const;
const write = (options: object, state = initialState(model, 0)) =>
  exportModel(model, state, { inputs, ...options } as ExportModelOptions);
const refusal = async (act: () => Promise<unknown>) => {
  const error = await act().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LearnerError);
  return (error as LearnerError).message;
};

describe("exportModel refuses", () => {
  test.each<[object, string]>([
    [{ batchsize: 2 }, 'exportModel: expected a known option, got "batchsize"; try batchSize'],
    ...[0, -1, 1.5, Number.NaN, "2", null].map((batchSize): [object, string] => [
      { batchSize },
      "exportModel: expected batchSize to be an integer at least 1",
    ]),
    ...[0, "yes", null].map((externalData): [object, string] => [
      { externalData },
      "exportModel: expected externalData to be true or false",
    ]),
    ...["", 3, null].map((externalName): [object, string] => [
      { externalName },
      "exportModel: expected externalName to be a name",
    ]),
    [{ externalData: true, externalName: () => "" }, "expected what externalName returns to be a name"],
    [{ externalData: true, externalName: () => 3 }, "expected what externalName returns to be a name"],
    [{ outputName: "" }, "exportModel: expected outputName to be a name"],
    [{ inputNames: "x" }, "exportModel: expected inputNames to be an array"],
    [{ inputNames: [""] }, "exportModel: expected inputNames to be an array"],
    [{ inputNames: [] }, "exportModel: expected 1 inputNames, one per input, got 0"],
    [{ inputNames: ["a", "b"] }, "exportModel: expected 1 inputNames, one per input, got 2"],
    [{ inputs: [] }, "exportModel: expected inputs to be an array of at least 1"],
    [{ inputs: [{ dtype: "float33", itemShape: [4] }] }, "an input { dtype, itemShape }"],
    [{ inputs: [{ dtype: "float32" }] }, "an input { dtype, itemShape }"],
    [{ inputs: [{ dtype: "float32", itemShape: [-4] }] }, "an input { dtype, itemShape }"],
    [{ inputs: [null] }, "an input { dtype, itemShape }"],
  ])("the options %j", async (options, message) => {
    expect(await refusal(() => write(options))).toContain(message);
  });

  test("what is no model, no state, and a state without part of the model", async () => {
    for (const given of [null, 3, {}, linear]) {
      expect(await refusal(() => exportModel(given as never))).toContain(
        "exportModel: expected model to be ",
      );
    }
    for (const state of [null, {}, { tensors: null }, { tensors: { a: 1 } }]) {
      expect(await refusal(() => exportModel(model, state as never, { inputs }))).toContain(
        "exportModel: expected state to be a state",
      );
    }
    const { "param:2.bias": _, ...tensors } = initialState(model, 0).tensors;
    expect(await refusal(() => exportModel(model, { tensors }, { inputs }))).toBe(
      'exportModel: expected a state with "param:2.bias", got none',
    );
    expect(await refusal(() => exportModel(model))).toBe(
      'exportModel: expected a model that says what goes in, got one that does not; try the option inputs: [{ dtype: "float32", itemShape: [784] }]',
    );
  });
});

describe("exportModel", () => {
  const namesIn = async (options: object) => {
    const { model: bytes } = await write(options);
    const file = await decodeModel(bytes, { file: "m.onnx" });
    return [file.inputs.map(({ name, shape }) => [name, shape]), file.outputs.map(({ name }) => name)];
  };

  test("names what goes in and comes out, for any batch size or a fixed one", async () => {
    const [[[input, any]], outputs] = (await namesIn({})) as [[[string, unknown[]]], string[]];
    expect([input, outputs]).toEqual(["input", ["output"]]);
    expect([typeof any[0], any[1]]).toEqual(["string", 4]);
    expect(await namesIn({ inputNames: ["x"], outputName: "y", batchSize: 5 })).toEqual([
      [["x", [5, 4]]],
      ["y"],
    ]);
    expect(await write({})).toMatchObject({ batchSize: "any", outputShape: [2] });
    expect(await write({ batchSize: 1 })).toMatchObject({ batchSize: 1, outputShape: [2] });
  });

  test("numbers the names of several inputs", async () => {
    const two = {
      ...model,
      forward: (context: never, [a, b]: never[]) =>
        model.forward(context, [(context as { g: { add: (x: never, y: never) => never } }).g.add(a!, b!)]),
    } as unknown as typeof model;
    const { model: bytes } = await exportModel(two, undefined, { inputs: [...inputs, ...inputs] });
    const file = await decodeModel(bytes, { file: "m.onnx" });
    expect(file.inputs.map(({ name }) => name)).toEqual(["input0", "input1"]);
  });

  test("keeps tensors in the file unless it is told otherwise, and starts from the initial state", async () => {
    expect((await write({})).external).toBeUndefined();
    expect((await write({ externalData: false })).external).toBeUndefined();
    const large = modelOf(sequential(linear(4, 300)));
    const of = (options: object) => exportModel(large, undefined, { inputs, externalData: true, ...options });
    const { external } = await of({ externalName: (hash: string) => `w-${hash}` });
    expect(external!.name).toBe(`w-${external!.checksum}`);
    expect((await of({ externalName: "w" })).external!.name).toBe("w");
    const implied = await exportModel(model, undefined, { inputs });
    expect(implied.model).toEqual((await write({})).model);
    const other = { ...initialState(model, 0).tensors, "param:2.bias": tensor("float32", [2], [8, 9]) };
    expect((await exportModel(model, { tensors: other }, { inputs })).model).not.toEqual(implied.model);
  });
});
