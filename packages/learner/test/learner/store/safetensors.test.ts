import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../../engine/src/onnx/index.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../../src/learner/index.js";

/** A file put together by hand from the format's description. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(data)]);
}

const join = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const samples: [string, Tensor][] = [
  ["float32", tensor("float32", [2, 2], [1, -0, Number.NaN, Number.POSITIVE_INFINITY])],
  ["float64", tensor("float64", [1], [Math.PI])],
  ["bool", tensor("bool", [3], [1, 0, 1])],
  ["int64", tensor("int64", [2], [-1, 2])],
  ["a scalar", tensor("float32", [], [7])],
  ["nothing", tensor("float32", [0, 5], [])],
  ["a \u201cname\u201d", tensor("int8", [1], [-3])],
];

describe("safetensors", () => {
  test("comes back as it was, bit for bit", () => {
    const tensors = new Map(samples);
    const metadata = { who: "test", where: "Zürich" };
    const read = decodeSafetensors(join(encodeSafetensors({ tensors, metadata })), "file");
    expect(read.metadata).toEqual(metadata);
    expect(read.tensors.size).toBe(samples.length);
    for (const [name, { dtype, shape, data }] of samples) {
      const got = read.tensors.get(name)!;
      expect([got.dtype, got.shape]).toEqual([dtype, shape]);
      expect(Buffer.from(got.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
    }
  });

  test("reads a file put together by hand", () => {
    const header = {
      b: { dtype: "F32", shape: [1], data_offsets: [2, 6] },
      a: { dtype: "U8", shape: [2], data_offsets: [0, 2] },
    };
    const { tensors } = decodeSafetensors(file(header, [5, 6, 0, 0, 0x80, 0x3f]), "file");
    expect(tensors.get("a")!.data).toEqual(Uint8Array.of(5, 6));
    expect(tensors.get("b")!.data).toEqual(Float32Array.of(1));
  });

  test("writes what the format describes: aligned, larger types first, without gaps", () => {
    const bytes = Buffer.from(join(encodeSafetensors({ tensors: new Map(samples), metadata: {} })));
    const length = Number(bytes.readBigUInt64LE(0));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    expect(header).not.toHaveProperty("__metadata__");
    expect(header["float32"]).toMatchObject({ dtype: "F32", shape: [2, 2] });
    let end = 0;
    for (const { data_offsets } of Object.values(header)) {
      expect(data_offsets[0]).toBe(end);
      end = data_offsets[1];
    }
    expect(8 + length + end).toBe(bytes.length);
    const [begin, stop] = header["float64"]!.data_offsets;
    expect(begin % 8).toBe(0);
    expect(bytes.subarray(8 + length + begin, 8 + length + stop).readDoubleLE()).toBe(Math.PI);
  });

  const whole = join(encodeSafetensors({ tensors: new Map(samples), metadata: { a: "b" } }));

  test("a file cut short anywhere is refused", () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => decodeSafetensors(whole.subarray(0, length), "cut")).toThrow(/^cut: expected /);
    }
    expect(() => decodeSafetensors(whole.subarray(0, -1), "cut")).toThrow(/got \d+: it is cut short/);
  });

  const u8 = (begin: number, end: number, shape = [end - begin]) => ({
    dtype: "U8",
    shape,
    data_offsets: [begin, end],
  });
  test.each([
    ["text", Buffer.from("hello, this is no tensor file at all"), "a header of"],
    ["no JSON", file("{nope"), "a header that is no JSON"],
    ["JSON that is no object", file("[1]"), "a header that is no JSON object"],
    ["a tensor without offsets", file({ a: { dtype: "U8", shape: [1] } }), '"a" without shape and offsets'],
    ["a negative size", file({ a: u8(0, 1, [-1]) }, [1]), '"a" without shape and offsets'],
    ["an unknown type", file({ a: { dtype: "F4", shape: [1], data_offsets: [0, 1] } }, [1]), 'got "F4"'],
    ["a wrong number of bytes", file({ a: u8(0, 2, [3]) }, [1, 2]), '2 bytes for tensor "a" of U8[3]'],
    ["a gap", file({ a: u8(0, 1), b: u8(2, 3) }, [1, 2, 3]), "a gap or an overlap at byte 1"],
    ["an overlap", file({ a: u8(0, 2), b: u8(1, 3) }, [1, 2, 3]), "a gap or an overlap at byte 2"],
    ["bytes left over", file({ a: u8(0, 1) }, [1, 2]), "1 bytes that belong to no tensor"],
    ["metadata that are no texts", file({ __metadata__: { a: 1 } }), "metadata that are not texts"],
  ])("%s is refused with words that help", (_, bytes, words) => {
    expect(() => decodeSafetensors(bytes, "some file")).toThrow(words);
    expect(() => decodeSafetensors(bytes, "some file")).toThrow(/^some file: expected /);
  });
});
