import { describe, expect, test } from "vitest";
import { allocate, type DType, type Tensor, tensor } from "../../../../engine/src/onnx/index.js";
import { decodeSafetensors, encodeSafetensors, LearnerError } from "../../../src/learner/index.js";

/** By the format's description. */
const CODES: Readonly<Record<DType, readonly [code: string, bytes: number]>> = {
  float32: ["F32", 4],
  float64: ["F64", 8],
  int8: ["I8", 1],
  uint8: ["U8", 1],
  int16: ["I16", 2],
  uint16: ["U16", 2],
  int32: ["I32", 4],
  uint32: ["U32", 4],
  int64: ["I64", 8],
  uint64: ["U64", 8],
  bool: ["BOOL", 1],
};

const whole = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A file of a header of some stated length, and data. */
function file(header: unknown, data: readonly number[] = [], length?: number): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([prefix, json, Buffer.from(data)]);
}

describe("a safetensors file", () => {
  test.each(Object.entries(CODES))("has %s as %j", (dtype, [code, bytes]) => {
    const data = allocate(dtype as DType, 2);
    const tensors = new Map([["x", { dtype: dtype as DType, shape: [1, 2], data }]]);
    const encoded = whole(encodeSafetensors({ tensors, metadata: {} }));
    const length = Number(new DataView(encoded.buffer).getBigUint64(0, true));
    expect(JSON.parse(Buffer.from(encoded.subarray(8, 8 + length)).toString())).toEqual({
      x: { dtype: code, shape: [1, 2], data_offsets: [0, 2 * bytes] },
    });
    expect(decodeSafetensors(encoded, "here").tensors.get("x")).toEqual({ dtype, shape: [1, 2], data });
  });

  test("begins its data at a multiple of 8, after no more than 7 spaces", () => {
    for (let letters = 1; letters < 18; letters++) {
      const tensors = new Map([["x".repeat(letters), tensor("float32", [1], [1])]]);
      const [head] = encodeSafetensors({ tensors, metadata: {} }) as [Uint8Array];
      const length = Number(new DataView(head.buffer).getBigUint64(0, true));
      expect(head.length).toBe(8 + length);
      expect(head.length % 8).toBe(0);
      const text = Buffer.from(head.subarray(8)).toString();
      expect(text.length - text.trimEnd().length).toBeLessThan(8);
    }
  });

  test("has larger types first, and those of equal size in the order given", () => {
    const of = (dtype: DType) => ({ dtype, shape: [1], data: allocate(dtype, 1) });
    const tensors = new Map<string, Tensor>([
      ["a", of("int8")],
      ["b", of("float32")],
      ["c", of("int64")],
      ["d", of("uint8")],
      ["e", of("int32")],
    ]);
    const { tensors: read } = decodeSafetensors(whole(encodeSafetensors({ tensors, metadata: {} })), "here");
    expect([...read.keys()]).toEqual(["c", "b", "e", "a", "d"]);
  });

  test("is read from the middle of a buffer, without being held on to", () => {
    const encoded = whole(
      encodeSafetensors({ tensors: new Map([["x", tensor("float32", [2], [1, 2])]]), metadata: { a: "b" } }),
    );
    const outer = new Uint8Array(encoded.length + 13);
    outer.set(encoded, 5);
    const { tensors, metadata } = decodeSafetensors(outer.subarray(5, 5 + encoded.length), "here");
    outer.fill(0);
    expect(Array.from(tensors.get("x")!.data as Float32Array)).toEqual([1, 2]);
    expect(metadata).toEqual({ a: "b" });
    expect(decodeSafetensors(file({}), "here")).toEqual({ tensors: new Map(), metadata: {} });
  });

  const u8 = (change: object) => ({ a: { dtype: "U8", shape: [1], data_offsets: [0, 1], ...change } });
  const incomplete = 'a safetensors file, got a tensor "a" without shape and offsets';
  test.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "a safetensors file, got 0 bytes"],
    ["7 bytes", new Uint8Array(7), "a safetensors file, got 7 bytes"],
    ["no header", new Uint8Array(8), "a safetensors file, got a header that is no JSON"],
    [
      "the largest header, cut",
      file("{}", [], 100_000_000),
      "a header that ends at byte 100000008, got 10 bytes: it is cut short, or no safetensors file",
    ],
    [
      "too large a header",
      file("{}", [], 100_000_001),
      "a safetensors file, got a header of 100000001 bytes",
    ],
    ["a header one byte short", file("{}", [], 3), "a header that ends at byte 11, got 10 bytes"],
    ["a header of bytes that are no text", file("", [0xff, 0xfe], 2), "got a header that is no JSON"],
    ["null", file("null"), "got a header that is no JSON object"],
    ["a number", file("1"), "got a header that is no JSON object"],
    ["a list", file("[]"), "got a header that is no JSON object"],
    ["metadata of null", file({ __metadata__: null }), "got metadata that are not texts"],
    ["metadata of text", file({ __metadata__: "a" }), "got metadata that are not texts"],
    ["metadata of numbers", file({ __metadata__: { a: "b", c: 1 } }), "got metadata that are not texts"],
    ["no entry", file({ a: null }), incomplete],
    ["no shape", file(u8({ shape: undefined }), [1]), incomplete],
    ["a shape of text", file(u8({ shape: "1" }), [1]), incomplete],
    ["half an element", file(u8({ shape: [0.5] }), [1]), incomplete],
    ["more elements than numbers", file(u8({ shape: [2 ** 53] }), [1]), incomplete],
    ["offsets of text", file(u8({ data_offsets: "01" }), [1]), incomplete],
    ["one offset", file(u8({ data_offsets: [0] }), [1]), incomplete],
    ["three offsets", file(u8({ data_offsets: [0, 1, 1] }), [1]), incomplete],
    ["a negative offset", file(u8({ data_offsets: [-1, 0] }), [1]), incomplete],
    ["an offset of text", file(u8({ data_offsets: [0, "1"] }), [1]), incomplete],
    [
      "no type",
      file(u8({ dtype: undefined }), [1]),
      'tensor "a" to be of a type among F32, F64, I8, U8, I16, U16, I32, U32, I64, U64, BOOL, got undefined',
    ],
    ["offsets that go back", file(u8({ data_offsets: [1, 0] }), [1]), 'got -1 bytes for tensor "a" of U8[1]'],
    ["too few bytes", file(u8({ dtype: "F32" }), [1]), 'got 1 bytes for tensor "a" of F32[1]'],
    ["data cut short", file(u8({ shape: [3], data_offsets: [0, 3] }), [1, 2]), "a file of at least "],
    [
      "a gap at the start",
      file(u8({ data_offsets: [1, 2] }), [1, 2]),
      "a gap or an overlap at byte 0 of the data",
    ],
    ["a byte left over", file(u8({}), [1, 2]), "got 1 bytes that belong to no tensor"],
  ])("is refused with %s", (_, bytes, words) => {
    expect(() => decodeSafetensors(bytes, "here")).toThrow(LearnerError);
    expect(() => decodeSafetensors(bytes, "here")).toThrow("here: expected ");
    expect(() => decodeSafetensors(bytes, "here")).toThrow(words);
  });

  test("may hold tensors of nothing, at any border", () => {
    const nothing = (at: number) => ({ dtype: "F32", shape: [0, 3], data_offsets: [at, at] });
    const { tensors } = decodeSafetensors(file({ ...u8({}), b: nothing(0), c: nothing(1) }, [7]), "here");
    expect([...tensors.values()].map(({ data }) => data.length)).toEqual([1, 0, 0]);
  });

  const x = tensor("float32", [1], [1]);
  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [null, "undefined"],
    [{ metadata: {} }, "undefined"],
    [{ tensors: { x }, metadata: {} }, "an object"],
    [{ tensors: new Map([[1, x]]), metadata: {} }, ""],
    [{ tensors: new Map([["x", 1]]), metadata: {} }, ""],
    [{ tensors: new Map([["x", { ...x, shape: [2] }]]), metadata: {} }, ""],
    [{ tensors: new Map([["x", x]]) }, ""],
    [{ tensors: new Map([["x", x]]), metadata: null }, ""],
    [{ tensors: new Map([["x", x]]), metadata: "text" }, ""],
    [{ tensors: new Map([["x", x]]), metadata: { a: "b", c: 1 } }, ""],
  ])("is not made of %o", (contents, got) => {
    const act = () => encodeSafetensors(contents as never);
    expect(act).toThrow(LearnerError);
    expect(act).toThrow(`encodeSafetensors: expected a Map of tensors, and metadata of texts, got ${got}`);
  });

  test("is bytes, and has a name", () => {
    for (const bytes of ["text", null, [0], new ArrayBuffer(8)]) {
      expect(() => decodeSafetensors(bytes as never, "here")).toThrow(
        "here: expected a safetensors file, got ",
      );
    }
    expect(() => decodeSafetensors(new Uint8Array(8), 3 as never)).toThrow(
      "decodeSafetensors: expected where to be a string, got 3",
    );
  });
});
