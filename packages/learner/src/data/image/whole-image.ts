import { crc32Of } from "../read/crc32.js";

/** The formats of images that can be read, in the order in which they are told apart. */
export type ImageFormat = "PNG" | "JPEG" | "GIF" | "BMP" | "WebP" | "AVIF";

/**
 * What a file's structure says: its format and where its image ends, or what is wrong with it. Decoders fill what a
 * file cut short does not have with black or grey, without a word, so that the end is looked for here.
 */
export type ImageExtent =
  | { readonly kind: "whole"; readonly format: ImageFormat; readonly end: number }
  | { readonly kind: "damaged"; readonly format: ImageFormat; readonly problem: string }
  | { readonly kind: "foreign" };

/**
 * Follows the structure of an image file from part to part to its end. What comes after the end (padding, another
 * picture, a camera's notes) does not matter.
 *
 * Sources: PNG (W3C, 3rd edition) section 5; ITU-T T.81 annex B (JPEG); GIF89a; BITMAPINFOHEADER (Windows);
 * RIFF container of WebP (RFC 9649); ISO/IEC 14496-12 and 23008-12 (boxes and item locations of AVIF).
 */
export function imageExtent(bytes: Uint8Array): ImageExtent {
  const format = imageFormat(bytes);
  if (format === undefined) return { kind: "foreign" };
  try {
    const end = ends[format](new Reader(bytes));
    if (end > bytes.length) throw new Damage(`cut short: ${bytes.length} of ${end} bytes`);
    return { kind: "whole", format, end };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { kind: "damaged", format, problem: error.message };
  }
}

/** The format that a file's first bytes name, by its content alone. */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (start.startsWith("\xff\xd8\xff")) return "JPEG";
  if (/^GIF8[79]a/.test(start)) return "GIF";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "WebP";
  if (start.slice(4, 8) === "ftyp" && /^(....)*(avif|avis)/s.test(start.slice(8))) return "AVIF";
  // Two letters say little: the size of the header that follows must be one that there is.
  const isBmp = start.startsWith("BM") && BMP_HEADERS.has(bytes[14]!) && bytes[15] === 0;
  return isBmp ? "BMP" : undefined;
}

/** What a structure does not allow: the file is cut short, or was changed. */
class Damage extends Error {}

/** Reads numbers, and says of what lies beyond the end that it was cut off. */
class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#need(at, 1).getUint8(at);
  }

  u16(at: number, little = false): number {
    return this.#need(at, 2).getUint16(at, little);
  }

  u32(at: number, little = false): number {
    return this.#need(at, 4).getUint32(at, little);
  }

  i32(at: number, little = false): number {
    return this.#need(at, 4).getInt32(at, little);
  }

  /** A big-endian number of 0 to 8 bytes. */
  uint(at: number, size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.u8(at + i);
    return value;
  }

  name(at: number): string {
    return String.fromCharCode(this.u8(at), this.u8(at + 1), this.u8(at + 2), this.u8(at + 3));
  }

  #need(at: number, size: number): DataView {
    if (at + size > this.length) throw new Damage(`cut short: ${this.length} bytes without its end`);
    return this.#view;
  }
}

/** Where each format's image ends. */
const ends: { readonly [F in ImageFormat]: (file: Reader) => number } = {
  PNG: pngEnd,
  JPEG: jpegEnd,
  GIF: gifEnd,
  BMP: bmpEnd,
  WebP: webpEnd,
  AVIF: avifEnd,
};

/** Chunks of length, name, data and checksum, up to IEND. */
function pngEnd(file: Reader): number {
  for (let at = 8; ; ) {
    const name = file.name(at + 4);
    const data = at + 8;
    const end = data + file.u32(at);
    const checksum = file.u32(end);
    // Decoders pass over damage to what is not the picture: a chunk whose name begins with a small letter.
    const isCritical = /^[A-Z]/.test(name);
    if (isCritical && crc32Of(file.bytes.subarray(at + 4, end)) !== checksum) {
      throw new Damage(`damaged: the checksum of its ${name} at byte ${at} is wrong`);
    }
    at = end + 4;
    if (name === "IEND") return at;
  }
}

/** Segments with a length each; after a start of scan, entropy-coded bytes up to the next marker; up to EOI. */
function jpegEnd(file: Reader): number {
  const EOI = 0xd9;
  for (let at = 2; ; ) {
    at = nextMarker(file, at);
    const marker = file.u8(at - 1);
    if (marker === EOI) return at;
    // After its header, a scan's entropy-coded bytes go up to the next marker.
    at += file.u16(at);
  }
}

/**
 * Behind the next marker that is followed by a segment, or is the end: stuffed bytes, filling, starts and restarts, which
 * have no length, are passed over, as are stray bytes between segments, which decoders pass over too.
 */
function nextMarker(file: Reader, start: number): number {
  for (let at = start; ; at++) {
    at = file.bytes.indexOf(0xff, at);
    const next = file.u8(at < 0 ? file.length : at + 1);
    const hasNoLength = next <= 0x01 || (next >= 0xd0 && next <= 0xd8) || next === 0xff;
    if (!hasNoLength) return at + 2;
  }
}

/** Extensions and images, in sub-blocks that end with an empty one; up to the trailer. */
function gifEnd(file: Reader): number {
  const EXTENSION = 0x21;
  const IMAGE = 0x2c;
  const TRAILER = 0x3b;
  let at = 13 + colourTable(file.u8(10));
  for (;;) {
    const kind = file.u8(at++);
    if (kind === TRAILER) return at;
    if (kind === EXTENSION) at++;
    else if (kind === IMAGE) at += 9 + colourTable(file.u8(at + 8)) + 1;
    else throw new Damage(`damaged: no block begins with the ${kind} at byte ${at - 1}`);
    while (file.u8(at) !== 0) at += 1 + file.u8(at);
    at++;
  }

  function colourTable(flags: number): number {
    return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  }
}

/** Sizes of the headers that there are, of OS/2 and Windows. */
const BMP_HEADERS: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** The rows begin where the header says, each filled up to 4 bytes; compressed ones have their size in the header. */
function bmpEnd(file: Reader): number {
  const declared = file.u32(2, true);
  const pixels = file.u32(10, true);
  const isOld = file.u32(14, true) === 12;
  const width = isOld ? file.u16(18, true) : Math.abs(file.i32(18, true));
  const height = isOld ? file.u16(20, true) : Math.abs(file.i32(22, true));
  const bits = file.u16(isOld ? 24 : 28, true);
  const compression = file.u32(14, true) < 40 ? 0 : file.u32(30, true);
  const isRaw = compression === 0 || compression === 3 || compression === 6;
  const size = isRaw ? Math.ceil((width * bits) / 32) * 4 * height : file.u32(34, true);
  // Some writers leave the file's size out, or say less than there is.
  return Math.max(declared, pixels + size);
}

/** One RIFF chunk. */
function webpEnd(file: Reader): number {
  const size = file.u32(4, true);
  return 8 + size;
}

/** Boxes that stand at the top of a file; another name is what follows the image. */
const TOP_BOXES: ReadonlySet<string> = new Set(
  "ftyp meta mdat free skip wide moov moof mfra sidx ssix styp prft pdin uuid".split(" "),
);

/** Boxes with a length each; the image's parts lie where the item locations (iloc) within `meta` say. */
function avifEnd(file: Reader): number {
  let end = 0;
  let needed = 0;
  let hasImage = false;
  while (end < file.length) {
    // Fewer bytes than a box's head: what follows the image, if all of it has come.
    if (end + 8 > file.length && hasImage && needed <= end) break;
    const name = file.name(end + 4);
    if (!TOP_BOXES.has(name)) break;
    const box = boxAt(file, end, file.length);
    if (box.end > file.length) return box.end;
    if (name === "meta") needed = Math.max(needed, itemsEnd(file, box));
    hasImage ||= name === "meta" || name === "moov";
    end = box.end;
  }
  if (!hasImage) throw new Damage("cut short: it has no meta box");
  return Math.max(end, needed);
}

interface Box {
  readonly start: number;
  readonly end: number;
}

/** The contents of a box. A size of 0 means: up to the end of what it lies in. */
function boxAt(file: Reader, at: number, limit: number): Box {
  const size = file.u32(at);
  const large = size === 1 ? file.uint(at + 8, 8) : 16;
  if ((size > 1 && size < 8) || large < 16) throw new Damage(`damaged: a box of ${size} bytes at byte ${at}`);
  if (size === 1) return { start: at + 16, end: at + large };
  return { start: at + 8, end: size === 0 ? limit : at + size };
}

/** Where the last part of any item ends that lies outside the box. */
function itemsEnd(file: Reader, meta: Box): number {
  for (let at = meta.start + 4; at + 8 <= meta.end; ) {
    const box = boxAt(file, at, meta.end);
    if (file.name(at + 4) === "iloc") return locationsEnd(file, box.start);
    at = box.end;
  }
  return 0;
}

function locationsEnd(file: Reader, start: number): number {
  const version = file.u8(start);
  const sizes = file.u16(start + 4);
  const [offsetSize, lengthSize, baseSize, indexSize] = [12, 8, 4, 0].map((shift) => (sizes >> shift) & 15);
  const wide = version < 2 ? 2 : 4;
  let at = start + 6 + wide;
  let end = 0;
  for (let items = file.uint(start + 6, wide); items > 0; items--) {
    at += wide;
    const isOutside = version === 0 || (file.u16(at) & 15) === 0;
    at += version === 0 ? 2 : 4;
    const base = file.uint(at, baseSize!);
    at += baseSize!;
    const extents = file.u16(at);
    at += 2;
    for (let i = 0; i < extents; i++) {
      if (version > 0) at += indexSize!;
      const offset = file.uint(at, offsetSize!);
      const length = file.uint(at + offsetSize!, lengthSize!);
      at += offsetSize! + lengthSize!;
      if (isOutside) end = Math.max(end, base + offset + length);
    }
  }
  return end;
}
