import { DataError } from "./errors.js";
import type { RawImage } from "./raw-image.js";
import { type FileSource, nameOf, readBytes } from "./read-bytes.js";

/** How an image file is decoded. */
export interface DecodeImageOptions {
  /**
   * 3 for red, green, blue; 1 for grey: 0.299 R + 0.587 G + 0.114 B.
   *
   * @default 3
   */
  readonly channels?: 1 | 3;
  /** What errors call the file. Default: its path, or `"image"`. */
  readonly name?: string;
}

/**
 * Decodes a PNG, JPEG, WebP, AVIF, GIF or BMP file. Transparent parts become white; a camera's orientation
 * (EXIF) is applied.
 *
 * @param source - See `FileSource`.
 * @param options - See `DecodeImageOptions`.
 * @returns Bytes, [channels, height, width].
 * @throws DataError if the file cannot be opened or decoded or is cut short, or the optional package
 *   `@napi-rs/canvas` is not installed.
 *
 * @example
 * ```ts
 * const { data, shape } = await decodeImage("cat.jpg"); // shape [3, 480, 640]
 * ```
 */
export async function decodeImage(source: FileSource, options: DecodeImageOptions = {}): Promise<RawImage> {
  const { channels = 3 } = options;
  if (channels !== 1 && channels !== 3) {
    throw new DataError({ where: "channels", expected: "1 or 3", got: String(channels) });
  }
  const name = options.name ?? nameOf(source, "image");
  const bytes = await readBytes(source, name);
  if (isCutShort(bytes)) {
    const got = `${bytes.length} bytes without its end`;
    throw new DataError({
      where: name,
      expected: "a whole image file",
      got,
      hint: "fetching the file again",
    });
  }
  const { rgba, width, height } = await decode(bytes, name);
  const pixels = width * height;
  const data = new Uint8Array(channels * pixels);
  for (let p = 0; p < pixels; p++) {
    const red = rgba[4 * p]!;
    const green = rgba[4 * p + 1]!;
    const blue = rgba[4 * p + 2]!;
    if (channels === 1) data[p] = (19595 * red + 38470 * green + 7471 * blue + 32768) >>> 16;
    else {
      data[p] = red;
      data[pixels + p] = green;
      data[2 * pixels + p] = blue;
    }
  }
  return { data, shape: [channels, height, width] };
}

async function decode(bytes: Uint8Array, name: string) {
  const { createCanvas, loadImage } = await importCanvas();
  try {
    const image = await loadImage(bytes);
    const { width, height } = image;
    const context = createCanvas(width, height).getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    return { rgba: context.getImageData(0, 0, width, height).data, width, height };
  } catch (error) {
    const got = `${bytes.length} bytes that do not decode (${(error as Error).message})`;
    throw new DataError({ where: name, expected: "an image file", got }, { cause: error });
  }
}

async function importCanvas(): Promise<typeof import("@napi-rs/canvas")> {
  try {
    return await import("@napi-rs/canvas");
  } catch (error) {
    const expected = "the optional package @napi-rs/canvas, which decodes images";
    const got = (error as Error).message;
    throw new DataError(
      { where: "decodeImage", expected, got, hint: "npm install @napi-rs/canvas" },
      { cause: error },
    );
  }
}

/** The decoder fills what a file cut short does not have with black, without a word. */
function isCutShort(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.subarray(1, 4).toString("latin1") === "PNG") return !buffer.includes("IEND", -16, "latin1");
  if (buffer[0] === 0xff && buffer[1] === 0xd8) {
    // The end-of-image mark comes after the last start of scan; a thumbnail has both, before the image's own.
    return buffer.lastIndexOf("ffd9", undefined, "hex") < buffer.lastIndexOf("ffda", undefined, "hex");
  }
  if (buffer.subarray(0, 4).toString("latin1") === "RIFF" && buffer.length >= 8) {
    return buffer.length < 8 + buffer.readUInt32LE(4);
  }
  return false;
}
