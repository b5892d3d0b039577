import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { crc32c } from "../../../src/logs/formats/crc32c.js";
import { LogError, readLogs } from "../../../src/logs/index.js";
import { recordedTest } from "../recorded-test.js";

const { lr, loss } = recordedTest();

test("the CRC-32C of RFC 3720, appendix B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

/** How a framework writes a scalar: PyTorch's `simple_value`, TensorFlow 2's tensor, its packed and unpacked floats. */
type Writer = (value: BinaryWriter, number: number) => void;

const float = (number: number) => new Uint8Array(Float32Array.of(number).buffer);
const double = (number: number) => new Uint8Array(Float64Array.of(number).buffer);
const tensor = (dtype: number, write: (tensor: BinaryWriter) => void) => {
  const inner = new BinaryWriter().tag(1, WireType.Varint).int32(dtype);
  write(inner);
  return inner.finish();
};
const metadata = () => {
  const plugin = new BinaryWriter().tag(1, WireType.LengthDelimited).string("scalars").finish();
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(plugin).finish();
};

const WRITERS: Readonly<Record<string, Writer>> = {
  simple_value: (value, number) => void value.tag(2, WireType.Bit32).float(number),
  "tensor_content, float": (value, number) =>
    void value
      .tag(8, WireType.LengthDelimited)
      .bytes(tensor(1, (inner) => inner.tag(4, WireType.LengthDelimited).bytes(float(number))))
      .tag(9, WireType.LengthDelimited)
      .bytes(metadata()),
  "tensor_content, double": (value, number) =>
    void value
      .tag(8, WireType.LengthDelimited)
      .bytes(tensor(2, (inner) => inner.tag(4, WireType.LengthDelimited).bytes(double(number)))),
  "float_val, packed": (value, number) =>
    void value
      .tag(8, WireType.LengthDelimited)
      .bytes(tensor(1, (inner) => inner.tag(5, WireType.LengthDelimited).bytes(float(number)))),
  float_val: (value, number) =>
    void value
      .tag(8, WireType.LengthDelimited)
      .bytes(tensor(1, (inner) => inner.tag(5, WireType.Bit32).float(number))),
  double_val: (value, number) =>
    void value
      .tag(8, WireType.LengthDelimited)
      .bytes(tensor(2, (inner) => inner.tag(6, WireType.Bit64).double(number))),
};

function event(step: number, scalars: Readonly<Record<string, number>>, write: Writer): Uint8Array {
  const summary = new BinaryWriter();
  for (const [tag, number] of Object.entries(scalars)) {
    const value = new BinaryWriter().tag(1, WireType.LengthDelimited).string(tag);
    write(value, number);
    summary.tag(1, WireType.LengthDelimited).bytes(value.finish());
  }
  const writer = new BinaryWriter().tag(1, WireType.Bit64).double(1.7e9).tag(2, WireType.Varint).int64(step);
  return writer.tag(5, WireType.LengthDelimited).bytes(summary.finish()).finish();
}

function fileOf(records: readonly Uint8Array[]): Uint8Array {
  const masked = (bytes: Uint8Array) => {
    const crc = crc32c(bytes);
    return Uint32Array.of((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  };
  const parts = records.flatMap((record) => {
    const length = new Uint8Array(BigUint64Array.of(BigInt(record.length)).buffer);
    return [length, new Uint8Array(masked(length).buffer), record, new Uint8Array(masked(record).buffer)];
  });
  return new Uint8Array(Buffer.concat(parts));
}

const version = new BinaryWriter().tag(3, WireType.LengthDelimited).string("brain.Event:2").finish();

test.each(Object.keys(WRITERS))("scalars as %s, rates and losses in events apart", (kind) => {
  const write = WRITERS[kind]!;
  const events = lr.flatMap((rate, i) => [
    event(i, { "train/lr": rate }, write),
    event(i, { "train/loss": loss[i]! }, write),
  ]);
  const [log] = readLogs([{ name: "events.out.tfevents.1", contents: fileOf([version, ...events]) }]);
  expect(log!.format).toBe("TensorBoard's events");
  expect(log!.curve.lr.length).toBe(100);
  for (const [i, value] of log!.curve.loss.entries()) expect(value).toBeCloseTo(loss[i]!, 5);
});

test("a file that ends within a record is read up to there, and a changed byte is found", () => {
  const bytes = fileOf([
    version,
    ...lr.map((rate, i) => event(i, { lr: rate, loss: loss[i]! }, WRITERS["simple_value"]!)),
  ]);
  const [log] = readLogs([{ name: "a", contents: bytes.slice(0, -20) }]);
  expect(log!.curve.lr.length).toBe(99);
  expect(log!.notes).toContain("The file ends within a record: what was being written is left out.");
  for (const at of [40, 100, 1000, bytes.length - 10]) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    expect(() => readLogs([{ name: "a", contents: changed }])).toThrow(LogError);
  }
});
