import { describe } from "lrfind/core";
import { type Checks, checkDataOptions, own, string } from "../checks.js";
import { DataError } from "../errors.js";
import { kindOfFile } from "../read/file-kind.js";
import { type FileSource, nameOf, readBytes } from "../read/read-bytes.js";
import { importCanvas } from "./import-canvas.js";
import type { RawImage } from "./raw-image.js";
import { imageExtent } from "./whole-image.js";

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

const DECODE: Checks<DecodeImageOptions> = { channels: own, name: string };

/**
 * Decodes a PNG, JPEG, WebP, AVIF, GIF or BMP file. Transparent parts become white; a camera's orientation
 * (EXIF) is applied. Bytes after the image's end do not matter; of an animation, the first picture is taken.
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
  checkDataOptions("decodeImage", options, DECODE);
  const { channels = 3 } = options;
  if (channels !== 1 && channels !== 3) {
    throw new DataError({ where: "channels", expected: "1 or 3", got: describe(channels) });
  }
  const name = options.name ?? nameOf(source, "image");
  const bytes = await readBytes(source, name);
  const { rgba, width, height } = await decode(wholeImage(bytes, name), name);
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

/** The bytes of the image, without what follows its end. */
function wholeImage(bytes: Uint8Array, name: string): Uint8Array {
  const extent = imageExtent(bytes);
  if (extent.kind === "whole") return bytes.subarray(0, extent.end);
  if (extent.kind === "damaged") {
    const got = `a ${extent.format} that is ${extent.problem}`;
    throw new DataError({
      where: name,
      expected: "a whole image file",
      got,
      hint: "fetching the file again",
    });
  }
  const expected = "an image file (PNG, JPEG, WebP, AVIF, GIF or BMP)";
  const kind = kindOfFile(bytes);
  const got =
    kind?.name ?? (bytes.length === 0 ? "an empty file" : `${bytes.length} bytes of another format`);
  throw new DataError({ where: name, expected, got, hint: kind?.hint });
}
