import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { LogError } from "../errors.js";
import { type LogTable, TableMaker } from "../log-table.js";
import { maskedCrc32c } from "./crc32c.js";

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/** Whether bytes begin with a record of TFRecord's form: a length, and its checksum. */
export function isTfevents(bytes: Uint8Array): boolean {
  if (bytes.length < LENGTH_BYTES + 2 * CRC_BYTES) return false;
  return viewOf(bytes).getUint32(LENGTH_BYTES, true) === maskedCrc32c(bytes.subarray(0, LENGTH_BYTES));
}

/**
 * TensorBoard's event files: records of a length, its checksum, an `Event` in protobuf, its checksum. A scalar is a
 * `simple_value` (PyTorch, TensorFlow 1) or a `tensor` of the plugin "scalars" (TensorFlow 2).
 *
 * Source: `tensorboard/compat/proto/{event,summary,tensor}.proto`; TFRecord's format in TensorFlow's documentation.
 */
export function readTfevents(bytes: Uint8Array, name: string): LogTable {
  const maker = new TableMaker(name);
  const steps = new Map<number, Map<string, number>>();
  let isCut = false;
  for (const record of recordsOf(bytes, name)) {
    if (record === undefined) {
      isCut = true;
      break;
    }
    const { step, scalars } = readEvent(record, name);
    if (scalars.length === 0) continue;
    const row = steps.get(step) ?? new Map<string, number>();
    for (const [tag, value] of scalars) row.set(tag, value);
    steps.set(step, row);
  }
  for (const [step, scalars] of [...steps].sort(([a], [b]) => a - b))
    maker.addRow([["step", step], ...scalars]);
  return maker.finish({
    format: "TensorBoard's events",
    notes: isCut ? ["The file ends within a record: what was being written is left out."] : [],
  });
}

/** The records' bytes; undefined for one that the file ends in. */
function* recordsOf(bytes: Uint8Array, name: string): Generator<Uint8Array | undefined> {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (at + LENGTH_BYTES + CRC_BYTES > bytes.length) return yield undefined;
    const length = Number(view.getBigUint64(at, true));
    const start = at + LENGTH_BYTES + CRC_BYTES;
    const isWhole =
      view.getUint32(at + LENGTH_BYTES, true) === maskedCrc32c(bytes.subarray(at, at + LENGTH_BYTES));
    if (!isWhole) throw broken(name, at);
    if (start + length + CRC_BYTES > bytes.length) return yield undefined;
    const record = bytes.subarray(start, start + length);
    if (view.getUint32(start + length, true) !== maskedCrc32c(record)) throw broken(name, at);
    yield record;
    at = start + length + CRC_BYTES;
  }
}

function broken(name: string, at: number): LogError {
  const got = `one at byte ${at} that is not what was written`;
  return new LogError("unreadable", {
    where: name,
    expected: "whole records",
    got,
    hint: "copying the file again",
  });
}

interface Event {
  readonly step: number;
  readonly scalars: readonly (readonly [tag: string, value: number])[];
}

function readEvent(record: Uint8Array, name: string): Event {
  try {
    let step = 0;
    const scalars: (readonly [string, number])[] = [];
    eachField(new BinaryReader(record), (field, reader) => {
      if (field === 2) step = Number(reader.int64());
      else if (field === 5) {
        eachField(new BinaryReader(reader.bytes()), (part, summary) => {
          if (part !== 1) return false;
          const scalar = readValue(summary.bytes());
          if (scalar !== undefined) scalars.push(scalar);
          return true;
        });
      } else return false;
      return true;
    });
    return { step, scalars };
  } catch (cause) {
    const expected = `TensorBoard's events (${(cause as Error).message})`;
    throw new LogError(
      "unreadable",
      { where: name, expected, hint: "a file named events.out.tfevents.…" },
      { cause },
    );
  }
}

/** A `Summary.Value`: its tag and, where it is a scalar, its number. */
function readValue(bytes: Uint8Array): readonly [string, number] | undefined {
  let tag = "";
  let value: number | undefined;
  eachField(new BinaryReader(bytes), (field, reader) => {
    if (field === 1) tag = reader.string();
    else if (field === 2) value = reader.float();
    else if (field === 8) value = readTensor(reader.bytes());
    else return false;
    return true;
  });
  return value === undefined ? undefined : [tag, value];
}

const FLOAT = 1;
const DOUBLE = 2;

/** The number of a `TensorProto` of one; undefined for other types and sizes (images, histograms, texts). */
function readTensor(bytes: Uint8Array): number | undefined {
  let dtype = 0;
  let content: Uint8Array | undefined;
  let value: number | undefined;
  eachField(new BinaryReader(bytes), (field, reader, wire) => {
    if (field === 1) dtype = reader.int32();
    else if (field === 4) content = reader.bytes();
    else if (field === 5)
      value = wire === WireType.LengthDelimited ? packed(reader.bytes(), 4) : reader.float();
    else if (field === 6)
      value = wire === WireType.LengthDelimited ? packed(reader.bytes(), 8) : reader.double();
    else return false;
    return true;
  });
  if (content !== undefined && content.length > 0) value = packed(content, dtype === DOUBLE ? 8 : 4);
  return dtype === FLOAT || dtype === DOUBLE ? value : undefined;
}

/** The only number of a packed field. */
function packed(bytes: Uint8Array, size: 4 | 8): number | undefined {
  if (bytes.length !== size) return undefined;
  const view = viewOf(bytes);
  return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

/** Calls back for each field of a message; one that is not read there is passed over. */
function eachField(
  reader: BinaryReader,
  read: (field: number, reader: BinaryReader, wire: WireType) => boolean,
): void {
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!read(field, reader, wire)) reader.skip(wire, field);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
