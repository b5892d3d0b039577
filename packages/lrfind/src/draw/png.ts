import { isNode, nodeModule } from "../core/index.js";

/** An image of bytes, pixel by pixel and row by row: one byte for grey, three for red, green and blue. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** `width * height * channels` bytes. */
  readonly data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The longest stored block of a deflate stream. */
const LONGEST = 0xffff;
/** Below this many bytes, compression gains nothing to speak of; and what is stored is the same with every zlib. */
const SMALL = 4096;

/**
 * A bitmap as a PNG, without any package, so that an SVG can embed it: compressed in Node, stored as it is elsewhere and
 * where it is small.
 *
 * Source: Portable Network Graphics (PNG) Specification, third edition (2025), §5 and §9.
 */
export function encodePng({ width, height, channels, data }: Bitmap): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const rows = filtered(data, width * channels, channels);
  const packed =
    isNode() && rows.length >= SMALL
      ? nodeModule<typeof import("node:zlib")>("zlib").deflateSync(rows)
      : stored(rows);
  return joined([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Bytes as the URI of a PNG. */
export function pngUri(png: Uint8Array): string {
  let text = "";
  // In parts: a call takes some ten thousand arguments only.
  for (let i = 0; i < png.length; i += 8192) text += String.fromCharCode(...png.subarray(i, i + 8192));
  return `data:image/png;base64,${btoa(text)}`;
}

/** Each byte less that of the pixel before it, which compresses better: PNG's filter "Sub", whose number begins a row. */
function filtered(data: Uint8Array, rowSize: number, channels: number): Uint8Array {
  const height = data.length / rowSize;
  const rows = new Uint8Array((rowSize + 1) * height);
  for (let y = 0; y < height; y++) {
    const to = y * (rowSize + 1);
    rows[to] = 1;
    for (let x = 0; x < rowSize; x++) {
      const before = x < channels ? 0 : data[y * rowSize + x - channels]!;
      rows[to + 1 + x] = data[y * rowSize + x]! - before;
    }
  }
  return rows;
}

/** A zlib stream of blocks that are not compressed. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < bytes.length; at += LONGEST) {
    const part = bytes.subarray(at, at + LONGEST);
    const n = part.length;
    const isLast = at + LONGEST >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.of(isLast, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255), part);
  }
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  parts.push(Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255));
  return joined(parts);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The checksum of a chunk: CRC-32 with the polynomial 0xEDB88320. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
