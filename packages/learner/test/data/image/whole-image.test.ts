import { readFileSync } from "node:fs";
import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../src/data/index.js";

const written: Record<string, { base64: string }> = JSON.parse(
  readFileSync("packages/learner/test/fixtures/encoded-images.json", "utf8"),
);

/** A picture that does not compress to next to nothing. */
function picture() {
  const canvas = createCanvas(23, 17);
  const context = canvas.getContext("2d");
  for (let i = 0; i < 23 * 17; i++) {
    context.fillStyle = `rgb(${(i * 37) % 256}, ${(i * 91) % 256}, ${(i * 5) % 256})`;
    context.fillRect(i % 23, Math.floor(i / 23), 1, 1);
  }
  return canvas;
}

/** A BMP of 5 × 3 pixels of 24 bits, rows of 16 bytes; `size` is what its header says of the file's size. */
function bmp({
  size,
  header = 40,
  after = 0,
}: {
  size?: number;
  header?: 12 | 40;
  after?: number;
} = {}): Uint8Array {
  const start = 14 + header;
  const file = Buffer.alloc(start + 3 * 16 + after, 0x77);
  file.fill(0, 0, start);
  file.write("BM");
  file.writeUInt32LE(size ?? file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(header, 14);
  if (header === 12) for (const [i, value] of [5, 3, 1, 24].entries()) file.writeUInt16LE(value, 18 + 2 * i);
  else {
    file.writeInt32LE(5, 18);
    file.writeInt32LE(-3, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(24, 28);
  }
  return new Uint8Array(file);
}

const files: Record<string, Uint8Array> = {
  "a PNG": new Uint8Array(picture().toBuffer("image/png")),
  "a JPEG": new Uint8Array(picture().toBuffer("image/jpeg", 90)),
  "a WebP": new Uint8Array(picture().toBuffer("image/webp", 90)),
  "an AVIF": new Uint8Array(picture().toBuffer("image/avif", { quality: 90 })),
  "a GIF": new Uint8Array(await picture().encode("gif" as never)),
  "a BMP": bmp(),
  "a BMP of OS/2": bmp({ header: 12 }),
  ...Object.fromEntries(
    Object.entries(written).map(([name, { base64 }]) => [
      name,
      new Uint8Array(Buffer.from(base64, "base64")),
    ]),
  ),
};

describe.each(Object.entries(files))("%s", (_, whole) => {
  it("is read, whatever follows its end", async () => {
    const expected = await decodeImage(whole);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (after) => {
        expect(await decodeImage(Uint8Array.of(...whole, ...after))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
    for (const after of [
      [0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0xff, 0xda],
      [0xff, 0xd8, 0xff, 0xe0],
      [...whole],
    ]) {
      expect(await decodeImage(Uint8Array.of(...whole, ...after))).toEqual(expected);
    }
  });

  it("is refused when it is cut short, wherever that is", async () => {
    const cuts = fc.integer({ min: 1, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(cuts, async (length) => {
        await expect(decodeImage(whole.slice(0, length))).rejects.toThrow("image: expected a");
      }),
      { numRuns: 200, examples: [[whole.length - 1], [whole.length >> 1]] },
    );
  });
});

describe("a whole image", () => {
  it.each([
    ["no size", 0],
    ["a size that is too small", 60],
  ])("may be a BMP whose header says %s", async (_, size) => {
    expect((await decodeImage(bmp({ size }))).shape).toEqual([3, 3, 5]);
    await expect(decodeImage(bmp({ size }).slice(0, -1))).rejects.toThrow(
      "a BMP that is cut short: 101 of 102",
    );
  });

  it("is not a PNG whose picture was changed, but one whose notes were", async () => {
    const png = files["a PNG"]!;
    const data = Buffer.from(png).indexOf("IDAT");
    const changed = png.slice();
    changed[data + 20]! ^= 1;
    await expect(decodeImage(changed)).rejects.toThrow("a PNG that is damaged: the checksum of its IDAT");
    // A chunk of text, whose name begins with a small letter, with a checksum of 0.
    const note = [0, 0, 0, 1, ...Buffer.from("tEXtx"), 0, 0, 0, 0];
    const noted = Uint8Array.of(...png.slice(0, data - 4), ...note, ...png.slice(data - 4));
    expect(await decodeImage(noted)).toEqual(await decodeImage(png));
  });

  it.each([
    ["an empty file", "", "an empty file"],
    [
      "a Git LFS pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      "try git lfs pull",
    ],
    ["a page fetched in its place", "\n<!DOCTYPE html><html></html>", "an HTML page"],
    ["a TIFF", "II*\0    ", "a TIFF image; try converting it"],
    ["a drawing", '<svg xmlns="http://www.w3.org/2000/svg"></svg>', "an SVG drawing"],
    ["text", "hello", "5 bytes of another format"],
  ])("is not %s", async (_, text, message) => {
    const expected = "expected an image file (PNG, JPEG, WebP, AVIF, GIF or BMP), got ";
    await expect(decodeImage(new TextEncoder().encode(text))).rejects.toThrow(expected);
    await expect(decodeImage(new TextEncoder().encode(text))).rejects.toThrow(message);
  });
});
