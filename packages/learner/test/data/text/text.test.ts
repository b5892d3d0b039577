import { describe, expect, it } from "vitest";
import { TextProcessor, textDataLoaders, tokenizer } from "../../../src/data/index.js";

describe("tokenizer", () => {
  const tokenize = tokenizer();

  it.each([
    ["Don't PANIC, Arthur!", "xxbos xxmaj don't xxup panic , xxmaj arthur !"],
    ["I paid £3,500.50 at 10:30", "xxbos i paid £ 3,500.50 at 10 : 30"],
    ["iPhone U.K. don’t e-mail", "xxbos iphone xxup u.k . don’t e - mail"],
    ["Été ÉTÉ été", "xxbos xxmaj été xxup été été"],
    ["a\n\n\tb", "xxbos a b"],
    ["🙂🙂", "xxbos 🙂 🙂"],
    ["", "xxbos"],
    [" \n", "xxbos"],
    ["xxpad XXBOS", "xxbos xxunk xxup xxunk"],
  ])("parts %j", (text, expected) => {
    expect(tokenize(text).join(" ")).toBe(expected);
  });

  it("sees composed and decomposed letters as the same", () => {
    expect(tokenize("e\u0301te\u0301")).toEqual(tokenize("\u00e9t\u00e9"));
  });

  it("parts a language that writes no spaces", () => {
    expect(tokenizer({ locale: "ja" })("私は学生です").length).toBeGreaterThan(3);
  });

  it("can leave case tokens out", () => {
    expect(tokenizer({ caseTokens: false })("Hello WORLD")).toEqual(["xxbos", "hello", "world"]);
  });
});

const source = [
  { text: "win a prize now", label: "spam" },
  { text: "See you now", label: "ham" },
  { text: "win win", label: "spam" },
  { text: "zebra now", label: "ham" },
];
const options = { source, validIdx: [3], minFreq: 1, batchSize: 3, shuffle: false };

describe("textDataLoaders", () => {
  it("builds the vocabulary from the training part alone, the most frequent tokens first", async () => {
    const dls = await textDataLoaders(options);
    const expected = ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup", "win", "now", "a", "prize", "see", "you"];
    expect(dls.tokens).toEqual(expected);
    expect(dls.vocab).toEqual(["ham", "spam"]);
    const batch = await dls.train.batchAt(0, 0);
    expect(batch.inputs).toEqual([
      {
        dtype: "int32",
        shape: [3, 8],
        data: Int32Array.of(
          ...[1, 1, 1, 2, 5, 7, 8, 6],
          ...[1, 1, 1, 2, 3, 9, 10, 6],
          ...[1, 1, 1, 1, 1, 2, 5, 5],
        ),
      },
    ]);
    expect(batch.targets).toEqual([{ dtype: "int32", shape: [3], data: Int32Array.of(1, 0, 1) }]);
    const valid = await dls.valid!.batchAt(0, 0);
    expect([...valid.inputs[0]!.data]).toEqual([1, 1, 1, 1, 1, 2, 0, 6]);
  });

  it("cuts long texts at their end and pads behind where told to", async () => {
    const dls = await textDataLoaders({ ...options, maxLength: 4, padFirst: false });
    const { inputs } = await dls.train.batchAt(0, 0);
    expect([...inputs[0]!.data]).toEqual([2, 5, 7, 8, 2, 3, 9, 10, 2, 5, 5, 1]);
  });

  it("leaves rare tokens out", async () => {
    expect((await textDataLoaders({ ...options, minFreq: 2 })).tokens.slice(5)).toEqual(["win", "now"]);
    expect((await textDataLoaders({ ...options, vocabSize: 6 })).tokens.slice(5)).toEqual(["win"]);
  });

  it("processes a raw text after a round trip through JSON", async () => {
    const dls = await textDataLoaders(options);
    const restored = TextProcessor.fromJSON(JSON.parse(JSON.stringify(dls.processor)));
    expect(restored.processText("win a prize now")).toEqual([
      { dtype: "int32", shape: [1, 8], data: Int32Array.of(1, 1, 1, 2, 5, 7, 8, 6) },
    ]);
    expect(restored.decode([1, 2, 5, 0])).toEqual(["xxbos", "win", "xxunk"]);
    expect(restored.spec).toEqual(dls.processor.spec);
  });

  it("works with one empty text", async () => {
    const one = [{ text: "", label: 1 }];
    const dls = await textDataLoaders({ source: one, validPct: 0, batchSize: 1 });
    const { inputs } = await dls.train.batchAt(0, 0);
    expect([...inputs[0]!.data]).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
  });

  it.each([
    [
      "a missing text",
      { source: [{ text: null, label: "a" }] },
      'rows, row 1, column "text": expected a text, got null',
    ],
    [
      "a missing class",
      {
        source: [
          { text: "a", label: "" },
          { text: "b", label: "x" },
        ],
        validIdx: [1],
      },
      'rows, row 1, column "label": expected a target, got "" (missing)',
    ],
    [
      "a class that is not trained on",
      { validIdx: [0, 2] },
      'rows, row 1, column "label": expected a class of the training part, got "spam"',
    ],
    ["an unknown column", { textCol: "body" }, 'rows: expected a column "body", got the columns text, label'],
    ["a length of 0", { maxLength: 0 }, "maxLength: expected an integer of at least 1, got 0"],
    ["a vocabulary too small", { vocabSize: 4 }, "vocabSize: expected an integer of at least 5, got 4"],
  ])("rejects %s", async (_, changes, message) => {
    await expect(textDataLoaders({ ...options, ...changes })).rejects.toThrow(message);
  });

  it.each([
    ["nothing", null, "got kind undefined"],
    ["a vocabulary without special tokens", { tokens: ["a"] }, 'got tokens ["a"]'],
    ["a length that is no number", { maxLength: "8" }, 'got maxLength "8"'],
  ])("rejects JSON of %s", async (_, changes, message) => {
    const { processor } = await textDataLoaders(options);
    const json = changes && { ...processor.toJSON(), ...changes };
    expect(() => TextProcessor.fromJSON(json)).toThrow(message);
  });
});
