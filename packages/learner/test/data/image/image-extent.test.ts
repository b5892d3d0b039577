import { readFileSync } from "node:fs";
import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageExtent, imageFormat } from "../../../src/data/image/whole-image.js";
import { crc32Of } from "../../../src/data/read/crc32.js";

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const big = (value: number, size: number) =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
const little = (value: number, size: number) => big(value, size).reverse();
const whole = (format: string, end: number) => ({ kind: "whole", format, end });
const damaged = (format: string, problem: string) => ({ kind: "damaged", format, problem });
const extentOf = (bytes: readonly number[]) => imageExtent(Uint8Array.from(bytes));

describe("crc32Of", () => {
  it("is the CRC-32 of the catalogues: that of 123456789 is 0xcbf43926", () => {
    expect(crc32Of(Uint8Array.from(ascii("123456789")))).toBe(0xcbf43926);
    expect(crc32Of(new Uint8Array(0))).toBe(0);
    expect(crc32Of(Uint8Array.from(ascii("IEND")))).toBe(0xae426082);
  });
});

const written: Record<string, { base64: string }> = JSON.parse(
  readFileSync("packages/learner/test/fixtures/encoded-images.json", "utf8"),
);
const canvas = createCanvas(9, 7);
const real: [string, Buffer][] = [
  ["PNG", canvas.toBuffer("image/png")],
  ["JPEG", canvas.toBuffer("image/jpeg")],
  ["WebP", canvas.toBuffer("image/webp")],
  ["AVIF", canvas.toBuffer("image/avif")],
  ["GIF", await canvas.encode("gif" as never)],
  ["PNG", Buffer.from(written["rgba.png"]!.base64, "base64")],
  ["JPEG", Buffer.from(written["exif.jpg"]!.base64, "base64")],
];

describe.each(real)("a %s of an encoder", (format, file) => {
  it("ends where the file does, and is cut short before", () => {
    const bytes = Uint8Array.from(file);
    expect(imageExtent(bytes)).toEqual(whole(format, bytes.length));
    for (const after of [[0], [0xff, 0xd9], Array(100).fill(0x3b)]) {
      expect(imageExtent(Uint8Array.of(...bytes, ...after))).toEqual(whole(format, bytes.length));
    }
    for (let length = 64; length < bytes.length; length += 3) {
      const extent = imageExtent(bytes.subarray(0, length));
      expect(extent).toMatchObject({ kind: "damaged", format });
      expect((extent as { problem: string }).problem).toMatch(
        new RegExp(
          `^cut short: (${length} bytes without its end|${length} of \\d+ bytes|it has no meta box)$`,
        ),
      );
    }
  });
});

describe("PNG", () => {
  const chunk = (name: string, data: number[], damage = 0) => {
    const body = [...ascii(name), ...data];
    return [...big(data.length, 4), ...body, ...big(crc32Of(Uint8Array.from(body)) ^ damage, 4)];
  };
  const start = [0x89, ...ascii("PNG\r\n\x1a\n")];

  it("ends behind its IEND; only what is the picture must be undamaged", () => {
    const head = chunk("IHDR", Array(13).fill(1));
    const end = chunk("IEND", []);
    for (const note of [[], chunk("tEXt", [1, 2]), chunk("tEXt", [1, 2], 1), chunk("aBCD", [], 255)]) {
      const file = [...start, ...head, ...note, ...end];
      expect(extentOf([...file, 7, 7])).toEqual(whole("PNG", file.length));
    }
    for (const name of ["IDAT", "Zzzz", "ABCD"]) {
      expect(extentOf([...start, ...head, ...chunk(name, [1], 1), ...end])).toEqual(
        damaged("PNG", `damaged: the checksum of its ${name} at byte ${8 + head.length} is wrong`),
      );
    }
  });
});

describe("JPEG", () => {
  const segment = (marker: number, data: number[]) => [0xff, marker, ...big(data.length + 2, 2), ...data];

  it("ends behind the first end of image that is no segment's contents", () => {
    const inside = [0xff, 0xd9, 0xff, 0xd9];
    for (const marker of [0x02, 0xc0, 0xcf, 0xda, 0xdb, 0xe0, 0xfe]) {
      for (const between of [
        [],
        [1, 2, 3],
        [0xff, 0x00],
        [0xff, 0x01],
        ...[0xd0, 0xd3, 0xd7, 0xd8].map((restart) => [9, 0xff, restart, 9]),
        [0xff, 0xff, 0xff],
      ]) {
        const file = [
          0xff,
          0xd8,
          ...segment(0xe1, inside),
          ...segment(marker, inside),
          ...between,
          0xff,
          0xd9,
        ];
        expect(extentOf([...file, 0, 0xff, 0xd9])).toEqual(whole("JPEG", file.length));
        expect(extentOf(file.slice(0, -1))).toEqual(
          damaged("JPEG", `cut short: ${file.length - 1} bytes without its end`),
        );
      }
    }
  });
});

describe("GIF", () => {
  /** `flags` say how large a colour table follows. */
  const table = (flags: number) => Array(flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0).fill(0x3b);
  const blocks = (...sizes: number[]) => [...sizes.flatMap((size) => [size, ...Array(size).fill(0)]), 0];
  const header = (flags: number, version = "9") => [
    ...ascii(`GIF8${version}a`),
    ...[1, 0, 1, 0, flags, 0, 0],
    ...table(flags),
  ];
  const image = (flags: number, ...sizes: number[]) => [
    0x2c,
    ...Array(8).fill(0x3b),
    flags,
    ...table(flags),
    8,
    ...blocks(...sizes),
  ];

  it("ends behind its trailer, whatever tables, extensions and blocks it has", () => {
    const flags = fc.integer({ min: 0, max: 255 });
    const sizes = fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 3 });
    fc.assert(
      fc.property(flags, flags, sizes, fc.constantFrom("7", "9"), (global, local, parts, version) => {
        const extension = [0x21, 0x3b, ...blocks(...parts)];
        for (const body of [
          [],
          extension,
          image(local, ...parts),
          [...extension, ...image(local, ...parts), ...extension, ...image(0)],
        ]) {
          const file = [...header(global, version), ...body, 0x3b];
          expect(extentOf([...file, 0x3b, 1])).toEqual(whole("GIF", file.length));
          expect(extentOf(file.slice(0, -1))).toMatchObject({ kind: "damaged" });
        }
      }),
    );
  });

  it("has no other blocks", () => {
    expect(extentOf([...header(0), 5, 0])).toEqual(
      damaged("GIF", "damaged: no block begins with the 5 at byte 13"),
    );
  });
});

describe("BMP", () => {
  interface Bitmap {
    header: number;
    width: number;
    height: number;
    bits: number;
    compression: number;
    stored: number;
    declared: number;
    start: number;
  }
  function bitmap({ header, width, height, bits, compression, stored, declared, start }: Bitmap): number[] {
    const isOld = header === 12;
    const sizes = isOld
      ? [...little(width, 2), ...little(height, 2), 1, 0, ...little(bits, 2)]
      : [
          ...little(width >>> 0, 4),
          ...little(height >>> 0, 4),
          ...[1, 0, ...little(bits, 2)],
          ...little(compression, 4),
          ...little(stored, 4),
        ];
    return [
      ...ascii("BM"),
      ...little(declared, 4),
      0,
      0,
      0,
      0,
      ...little(start, 4),
      ...little(header, 4),
      ...sizes,
    ];
  }

  it("ends behind its last row, each filled up to 4 bytes, or where its header says if that is later", () => {
    const anyBitmap = fc.record({
      header: fc.constantFrom(12, 16, 40, 52, 56, 64, 108, 124),
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: -40, max: 40 }),
      bits: fc.constantFrom(1, 4, 8, 16, 24, 32),
      compression: fc.integer({ min: 0, max: 6 }),
      stored: fc.nat(500),
      declared: fc.oneof(fc.constant(0), fc.nat(9000)),
      start: fc.integer({ min: 40, max: 200 }),
    });
    fc.assert(
      fc.property(anyBitmap, (given) => {
        const spec = given.header === 12 ? { ...given, height: Math.abs(given.height) } : given;
        const isPlain = spec.header < 40 || [0, 3, 6].includes(spec.compression);
        const row = 4 * Math.floor((spec.width * spec.bits + 31) / 32);
        const size = isPlain ? row * Math.abs(spec.height) : spec.stored;
        const end = Math.max(spec.declared, spec.start + size);
        const head = bitmap(spec);
        const file = new Uint8Array(Math.max(end, head.length) + 3);
        file.set(head);
        expect(imageExtent(file)).toEqual(whole("BMP", end));
        if (end > head.length + 1) {
          expect(imageExtent(file.subarray(0, end - 1))).toEqual(
            damaged("BMP", `cut short: ${end - 1} of ${end} bytes`),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is told by the size of its header", () => {
    const start = [...ascii("BM"), ...Array(12).fill(0)];
    expect(imageFormat(Uint8Array.of(...start, 40, 0))).toBe("BMP");
    expect(imageFormat(Uint8Array.of(...start, 40, 1))).toBeUndefined();
    expect(imageFormat(Uint8Array.of(...start, 41, 0))).toBeUndefined();
    expect(imageFormat(Uint8Array.of(...start, 40))).toBeUndefined();
    expect(imageFormat(Uint8Array.of(...start))).toBeUndefined();
  });
});

describe("WebP", () => {
  it("ends where its chunk does", () => {
    for (const size of [4, 10, 300]) {
      const file = [...ascii("RIFF"), ...little(size, 4), ...ascii("WEBP"), ...Array(size - 4).fill(1)];
      expect(extentOf([...file, 1])).toEqual(whole("WebP", size + 8));
      if (size > 4) {
        expect(extentOf(file.slice(0, -1))).toEqual(
          damaged("WebP", `cut short: ${size + 7} of ${size + 8} bytes`),
        );
      }
    }
    expect(extentOf([...ascii("RIFF"), ...little(4, 4), ...ascii("WAVE")])).toEqual({ kind: "foreign" });
    expect(extentOf([...ascii("RIFX"), ...little(4, 4), ...ascii("WEBP")])).toEqual({ kind: "foreign" });
  });
});

describe("AVIF", () => {
  const box = (name: string, contents: number[]) => [
    ...big(contents.length + 8, 4),
    ...ascii(name),
    ...contents,
  ];
  const ftyp = box("ftyp", ascii("avif\0\0\0\0mif1avif"));

  interface Locations {
    version: 0 | 1 | 2;
    sizes: { offset: number; length: number; base: number; index: number };
    items: { inside: boolean; base: number; extents: { offset: number; length: number }[] }[];
  }
  function iloc({ version, sizes, items }: Locations): number[] {
    const wide = version < 2 ? 2 : 4;
    return box("iloc", [
      ...[version, 0, 0, 0, (sizes.offset << 4) | sizes.length, (sizes.base << 4) | sizes.index],
      ...big(items.length, wide),
      ...items.flatMap(({ inside, base, extents }, i) => [
        ...big(i + 1, wide),
        ...(version === 0 ? [] : [0xab, inside ? 0x31 : 0x30]),
        ...[0, 0],
        ...big(base, sizes.base),
        ...big(extents.length, 2),
        ...extents.flatMap(({ offset, length }) => [
          ...(version === 0 ? [] : Array(sizes.index).fill(0xee)),
          ...big(offset, sizes.offset),
          ...big(length, sizes.length),
        ]),
      ]),
    ]);
  }
  const meta = (...contents: number[][]) => box("meta", [0, 0, 0, 0, ...contents.flat()]);

  it("ends behind the last part of an item that lies outside the box, in each version of the list", () => {
    const place = fc.integer({ min: 0, max: 2_000 });
    const width = fc.constantFrom(2, 4, 8);
    const locations: fc.Arbitrary<Locations> = fc.record({
      version: fc.constantFrom(0 as const, 1 as const, 2 as const),
      sizes: fc.record({
        offset: width,
        length: width,
        base: fc.constantFrom(0, 2, 8),
        index: fc.constantFrom(0, 4),
      }),
      items: fc.array(
        fc.record({
          inside: fc.boolean(),
          base: place,
          extents: fc.array(fc.record({ offset: place, length: place }), { maxLength: 3 }),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(locations, fc.boolean(), (given, handled) => {
        const { version, sizes, items } = given;
        const file = [...ftyp, ...meta(handled ? box("hdlr", [1, 2, 3]) : [], iloc(given))];
        const ends = items.flatMap(({ inside, base, extents }) =>
          inside && version > 0
            ? []
            : extents.map(({ offset, length }) => (sizes.base > 0 ? base : 0) + offset + length),
        );
        const end = Math.max(file.length, ...ends);
        expect(extentOf(file)).toEqual(
          end > file.length
            ? damaged("AVIF", `cut short: ${file.length} of ${end} bytes`)
            : whole("AVIF", file.length),
        );
        const data = Array(end - file.length).fill(0);
        if (data.length > 8) {
          const mdat = [...big(data.length, 4), ...ascii("mdat"), ...data.slice(8)];
          expect(extentOf([...file, ...mdat, 1, 2, 3])).toEqual(whole("AVIF", end));
          expect(extentOf([...file, ...mdat.slice(0, -1)])).toEqual(
            damaged("AVIF", `cut short: ${end - 1} of ${end} bytes`),
          );
        }
      }),
    );
  });

  const plain = [...ftyp, ...meta(box("hdlr", [1]))];

  it("ends before a box that is none of its own, or that is none at all", () => {
    for (const name of ["free", "skip", "moov", "mdat", "uuid"]) {
      const file = [...plain, ...box(name, [5, 6])];
      expect(extentOf([...file, ...box("junk", [7])])).toEqual(whole("AVIF", file.length));
    }
    for (let length = 0; length < 8; length++) {
      expect(extentOf([...plain, ...Array(length).fill(0)])).toEqual(whole("AVIF", plain.length));
    }
    expect(extentOf([...plain, ...box("free", [])])).toEqual(whole("AVIF", plain.length + 8));
    // A box of length 0 goes up to the end; one of length 1 has its length in 8 bytes.
    const open = [...plain, 0, 0, 0, 0, ...ascii("mdat"), 1, 2, 3];
    expect(extentOf(open)).toEqual(whole("AVIF", open.length));
    for (const length of [16, 19]) {
      const large = [
        ...plain,
        0,
        0,
        0,
        1,
        ...ascii("mdat"),
        ...big(length, 8),
        ...Array(length - 16).fill(9),
      ];
      expect(extentOf([...large, ...box("junk", [])])).toEqual(whole("AVIF", large.length));
    }
    const list = iloc({
      version: 0,
      sizes: { offset: 4, length: 4, base: 0, index: 0 },
      items: [{ inside: false, base: 0, extents: [{ offset: 1000, length: 24 }] }],
    });
    const largeMeta = [0, 0, 0, 1, ...ascii("meta"), ...big(20 + list.length, 8), 0, 0, 0, 0, ...list];
    expect(extentOf([...ftyp, ...largeMeta])).toEqual(
      damaged("AVIF", `cut short: ${ftyp.length + largeMeta.length} of 1024 bytes`),
    );
  });

  it("has an image, in boxes that hold their own heads", () => {
    expect(extentOf([...ftyp, ...box("mdat", [1])])).toEqual(
      damaged("AVIF", "cut short: it has no meta box"),
    );
    expect(extentOf([...ftyp, ...box("junk", [1])])).toEqual(
      damaged("AVIF", "cut short: it has no meta box"),
    );
    expect(extentOf([...ftyp, ...box("moov", [1])])).toEqual(whole("AVIF", ftyp.length + 9));
    expect(extentOf([...ftyp, 0, 0])).toEqual(
      damaged("AVIF", `cut short: ${ftyp.length + 2} bytes without its end`),
    );
    for (const size of [2, 7]) {
      expect(extentOf([...plain, ...big(size, 4), ...ascii("free")])).toEqual(
        damaged("AVIF", `damaged: a box of ${size} bytes at byte ${plain.length}`),
      );
    }
    expect(extentOf([...plain, 0, 0, 0, 1, ...ascii("free"), ...big(15, 8)])).toEqual(
      damaged("AVIF", `damaged: a box of 1 bytes at byte ${plain.length}`),
    );
  });

  it("is told by a brand, the first or a further one", () => {
    const brands = (text: string) => imageFormat(Uint8Array.from(box("ftyp", ascii(text))));
    expect(brands("avif\0\0\0\0")).toBe("AVIF");
    expect(brands("avis\0\0\0\0")).toBe("AVIF");
    expect(brands("mif1\0\0\0\0miafavif")).toBe("AVIF");
    expect(brands("heic\0\0\0\0mif1heic")).toBeUndefined();
    expect(brands("mif1\0\0\0\0xxavifxx")).toBeUndefined();
    expect(imageFormat(Uint8Array.from(box("moov", ascii("avif"))))).toBeUndefined();
  });
});

describe("a format", () => {
  it.each<[string, string | undefined]>([
    ["\x89PNG\r\n\x1a\n", "PNG"],
    ["\x89PNG\r\n\x1a", undefined],
    ["\xff\xd8\xff", "JPEG"],
    ["\xff\xd8", undefined],
    ["GIF87a", "GIF"],
    ["GIF89a", "GIF"],
    ["GIF88a", undefined],
    [" GIF89a", undefined],
    ["", undefined],
  ])("is told by the first bytes: %j", (start, format) => {
    expect(imageFormat(Uint8Array.from(ascii(start)))).toBe(format);
  });
});
