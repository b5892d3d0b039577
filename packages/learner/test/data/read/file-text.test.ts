import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/data/index.js";
import { decodeText } from "../../../src/data/read/decode-text.js";
import { kindOfFile } from "../../../src/data/read/file-kind.js";

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const problemOf = (bytes: Uint8Array, encoding?: string): DataError => {
  try {
    decodeText(bytes, "t", { encoding });
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return error as DataError;
  }
  throw new Error("it was read");
};

describe("a byte that the encoding does not have", () => {
  it("is named with its line, its place and what it would be in others", () => {
    const error = problemOf(latin1("ab\ncd\n\nx\xe9y\nz\xe8"));
    expect(error).toMatchObject({
      where: "t, line 4",
      expected: "text in utf-8",
      got: "0xe9 at byte 8, which is none",
      hint: 'encoding: "windows-1252" (which reads "xéy" there) or "windows-1251" (which reads "xйy" there)',
      cause: expect.any(TypeError),
    });
    expect(problemOf(latin1("\xe9")).message).toContain(
      "t, line 1: expected text in utf-8, got 0xe9 at byte 0,",
    );
    expect(problemOf(latin1("a\x80")).got).toBe("0x80 at byte 1, which is none");
    // An encoding is not its own alternative.
    expect(problemOf(latin1("\x81"), "shift_jis").hint).not.toContain("shift_jis");
  });

  it("is shown in its word, or 20 bytes to either side of it", () => {
    for (const [before, after] of [
      ["", ""],
      ["a", "b"],
      ["a,b", "c,d"],
      ["x y", "z\nw"],
      ["p".repeat(19), "q".repeat(19)],
      ["p".repeat(20), "q".repeat(20)],
      ["p".repeat(50), "q".repeat(50)],
      ["p-q", "r/s"],
    ] as const) {
      const word = `${/[^, \n]*$/.exec(before)![0].slice(-20)}é${/^[^, \n]*/.exec(after)![0].slice(0, 19)}`;
      const bytes = latin1(`${before}\xe9${after}`);
      expect(problemOf(bytes).hint).toContain(`"windows-1252" (which reads ${JSON.stringify(word)} there)`);
    }
  });

  it("is the first of a character that is cut short, wherever that is", () => {
    const text = "aé€😀b";
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    for (const character of text) {
      const length = new TextEncoder().encode(character).length;
      for (let cut = 1; cut < length; cut++) {
        expect(problemOf(bytes.slice(0, at + cut)).got).toContain(` at byte ${at}, `);
        expect(problemOf(Uint8Array.of(...bytes.slice(0, at + cut), 0x41)).got).toContain(` at byte ${at}, `);
      }
      at += length;
    }
    expect(decodeText(bytes, "t")).toBe(text);
    expect(problemOf(Uint8Array.of(0x41, 0, 0x42), "utf-16le").got).toContain("0x42 at byte 2,");
  });

  it("has at most three encodings named", () => {
    // Shift-JIS, GB 18030 and EUC-KR have this pair of bytes too.
    const { hint } = problemOf(Uint8Array.of(0x61, 0xb0, 0xa1));
    expect(hint!.match(/which reads/g)).toHaveLength(3);
    expect(hint).toContain('"windows-1252"');
  });
});

describe("an encoding", () => {
  it("is that of the mark, or the one asked for, which must agree", () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), "t")).toBe("a");
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0), "t")).toBe("a");
    expect(decodeText(Uint8Array.of(0xfe, 0xff, 0, 0x61), "t")).toBe("a");
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0), "t", { encoding: "UTF-16" })).toBe("a");
    expect(problemOf(Uint8Array.of(0xff, 0xfe, 0x61, 0), "utf-8")).toMatchObject({
      where: "t",
      expected: "utf-8, as encoding says",
      got: "the byte order mark of utf-16le",
      hint: 'encoding: "utf-16le"',
    });
    // Two bytes of the three are no mark.
    expect(problemOf(Uint8Array.of(0xef, 0xbb, 0x61)).got).toContain("0xef at byte 0");
    expect(decodeText(new Uint8Array(0), "t")).toBe("");
  });

  it.each<[unknown, string]>([
    ["klingon", '"klingon"'],
    ["", '""'],
    [7, "number"],
    [null, "object"],
  ])("is not %j", (encoding, got) => {
    expect(problemOf(latin1("a"), encoding as never)).toMatchObject({
      where: "encoding",
      expected: 'the name of an encoding, such as "utf-8", "windows-1252" or "utf-16le"',
      got,
    });
  });
});

describe("zeros", () => {
  /** Sixteen bytes with zeros at these places. */
  const withZeros = (...places: number[]) =>
    Uint8Array.from({ length: 16 }, (_, i) => (places.includes(i) ? 0 : 0x61));

  it.each<[string, number[], string]>([
    ["every odd one", [1, 3, 5, 7, 9, 11, 13, 15], "utf-16le"],
    ["every even one", [0, 2, 4, 6, 8, 10, 12, 14], "utf-16be"],
    ["more than a quarter of all", [1, 3, 5, 7, 9], "utf-16le"],
    ["more than a quarter, and few others", [1, 3, 5, 7, 9, 0], "utf-16le"],
    ["as many as a quarter", [1, 3, 5, 7], ""],
    ["a quarter of them at other places", [1, 3, 5, 7, 9, 11, 13, 15, 0, 2], ""],
    ["few at even places", [0, 2, 4, 6], ""],
    ["one", [5], ""],
  ])("are %s: at %j", (_, places, utf16) => {
    const error = problemOf(withZeros(...places));
    if (utf16 === "") {
      expect(error).toMatchObject({
        where: "t",
        expected: "text",
        got: `a zero at byte ${Math.min(...places)}, as binary files have`,
        hint: "CSV or Parquet",
      });
    } else {
      expect(error).toMatchObject({
        where: "t",
        expected: "text in utf-8",
        got: `a zero in every other byte, as ${utf16} has`,
        hint: `encoding: "${utf16}"`,
      });
    }
  });

  it("are seen anywhere in a file of UTF-8, and are a part of UTF-16", () => {
    const late = new Uint8Array(5001).fill(0x61);
    late[5000] = 0;
    expect(problemOf(late).got).toBe("a zero at byte 5000, as binary files have");
    expect(problemOf(late, "utf-8").got).toBe("a zero at byte 5000, as binary files have");
    expect(decodeText(Uint8Array.of(0x61, 0), "t", { encoding: "utf-16le" })).toBe("a");
    // What comes after the first 4096 bytes does not say which of the two it is.
    const start = new Uint8Array(9000).fill(0x61);
    for (let i = 4097; i < 9000; i += 2) start[i] = 0;
    expect(problemOf(start).got).toBe("a zero at byte 4097, as binary files have");
  });
});

describe("kindOfFile", () => {
  const filled = (start: string, length = 700, fill = 1) => {
    const bytes = new Uint8Array(Math.max(length, start.length)).fill(fill);
    bytes.set(latin1(start));
    return bytes;
  };
  const nameOf = (bytes: Uint8Array) => kindOfFile(bytes)?.name;

  it.each([
    ["PK\x05\x06", "an empty zip archive"],
    ["/annex/objects/x", "a git-annex pointer instead of the file"],
    ["\xff\xff\xff\xff", "a stream of Arrow"],
    ["PAR1", "a Parquet file"],
    ["PARE", "an encrypted Parquet file"],
    ["CDF\x01", "a netCDF file"],
    ["MATLAB 5.0 MAT-file", "a MATLAB file"],
    ["$FL2@(#)", "an SPSS file"],
    ["$FL3@(#)", "an SPSS file"],
    ["<stata_dta>", "a Stata file"],
    ["\x80\x02", "a Python pickle"],
    ["\x80\x05", "a Python pickle"],
    ["\x1f\x8b", "a gzip file"],
    ["BZh11AY&SY", "a bzip2 file"],
    ["\x04\x22\x4d\x18", "an LZ4 file"],
    ["Rar!\x1a\x07", "a RAR archive"],
    ["GIF87a", "a GIF image"],
    ["GIF89a", "a GIF image"],
    ["II*\0", "a TIFF image"],
    ["MM\0*", "a TIFF image"],
    ["{\\rtf1", "a document in RTF"],
    ["RIFF\0\0\0\0WEBP", "a WebP image"],
    ["\0\0\0\x18ftypheic", "a HEIC image"],
    ["\0\0\0\x18ftypmp42", "a video, or another file of MPEG-4's kind"],
    ["PK\x03\x04 word/document.xml", "a Word document (.docx)"],
    ["PK\x03\x04 arr_0.npy", "a NumPy archive (.npz)"],
    ["  <svg>", "an SVG drawing"],
  ])("%j is %s", (start, name) => {
    expect(nameOf(filled(start))).toBe(name);
  });

  it.each(["PARE", "PAR1", "CDF", "GIF87a", "GIF89a", "ORC", "FEA1"])(
    "%s may be a column of a table",
    (start) => {
      const text = `${start},b\r\n\t1,2\f\n${"x".repeat(80)}`;
      expect(nameOf(latin1(text))).toBeUndefined();
      expect(nameOf(latin1(start))).toBeUndefined();
      // A control character within 60 characters is none of a text's.
      const at = (place: number) => latin1(`${start}${"x".repeat(place)}\x02${"x".repeat(80)}`);
      expect(nameOf(at(59))).toBeDefined();
      expect(nameOf(at(60))).toBeUndefined();
    },
  );

  it("a zip archive is told by the names at its start and its end", () => {
    const zip = (at: number, length = 200_000) => {
      const bytes = filled("PK\x03\x04", length);
      bytes.set(latin1("xl/"), at);
      return bytes;
    };
    const [excel, plain] = ["an Excel workbook (.xlsx)", "a zip archive"];
    expect(nameOf(zip(100))).toBe(excel);
    expect(nameOf(zip(4093))).toBe(excel);
    expect(nameOf(zip(4094))).toBe(plain);
    expect(nameOf(zip(200_000 - 65_536))).toBe(excel);
    expect(nameOf(zip(200_000 - 65_537))).toBe(plain);
    expect(nameOf(zip(200_000 - 65_536 + 4095))).toBe(excel);
    expect(nameOf(zip(199_997))).toBe(excel);
    const other = filled("7z\xbc\xaf\x27\x1c xl/");
    expect(nameOf(other)).toBe("a 7z archive");
  });

  it("text is told by what comes first after white space, among the first 1024 bytes", () => {
    expect(nameOf(latin1(`${" ".repeat(1023)}{"a": 1}`))).toBe("JSON");
    expect(nameOf(latin1(`${" ".repeat(1024)}{"a": 1}`))).toBeUndefined();
    expect(nameOf(latin1("a,b\n1,2\n"))).toBeUndefined();
    expect(nameOf(new Uint8Array(0))).toBeUndefined();
  });
});
