import { createCanvas } from "@napi-rs/canvas";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { readTable } from "../../../src/data/index.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const utf16le = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"));
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16());
const names = async (bytes: Uint8Array, encoding?: string) =>
  (await readTable(bytes, encoding === undefined ? {} : { encoding })).values.get("name");

const csv = "name,n\nRéa,1\nRèa,2\nRêa,3\n";
const three = ["Réa", "Rèa", "Rêa"];

describe("the encoding of a CSV file", () => {
  it("is UTF-8, read strictly: what is none is refused, with the place and what would fit", async () => {
    expect(await names(utf8(csv))).toEqual(three);
    const error = await names(latin1(csv)).catch(String);
    expect(error).toContain("table, line 2: expected text in utf-8, got 0xe9 at byte 8, which is none");
    expect(error).toContain('try encoding: "windows-1252" (which reads "Réa" there)');
  });

  it.each([
    ["latin1", latin1(csv)],
    ["windows-1252", latin1(csv)],
    ["ISO-8859-1", latin1(csv)],
    ["utf-16le", utf16le(csv)],
    ["utf-16be", utf16be(csv)],
    ["UTF-8", utf8(csv)],
  ])("may be given: %s", async (encoding, bytes) => {
    expect(await names(bytes, encoding)).toEqual(three);
  });

  it("may be one of many bytes a letter", async () => {
    // "名前" in Shift-JIS.
    const bytes = Uint8Array.of(...latin1("name\n"), 0x96, 0xbc, 0x91, 0x4f, 10);
    expect(await names(bytes, "shift_jis")).toEqual(["名前"]);
    await expect(names(bytes)).rejects.toThrow('"shift_jis" (which reads "名前" there)');
  });

  it.each([
    ["utf-8", utf8(`\ufeff${csv}`)],
    ["utf-16le", utf16le(`\ufeff${csv}`)],
    ["utf-16be", utf16be(`\ufeff${csv}`)],
  ])("is told by the byte order mark of %s, which is no part of the first name", async (encoding, bytes) => {
    expect(await names(bytes)).toEqual(three);
    expect(await names(bytes, encoding)).toEqual(three);
    await expect(names(bytes, "latin1")).rejects.toThrow(`got the byte order mark of ${encoding}`);
  });

  it.each([
    ["utf-16le", utf16le(csv)],
    ["utf-16be", utf16be(csv)],
  ])("is seen to be %s by its zeros", async (encoding, bytes) => {
    await expect(names(bytes)).rejects.toThrow(
      `got a zero in every other byte, as ${encoding} has; try encoding: "${encoding}"`,
    );
  });

  it("has no zero bytes, as binary files have", async () => {
    await expect(names(utf8("name\na\0b\n"))).rejects.toThrow("got a zero at byte 6, as binary files have");
  });

  it("is refused when there is none of that name, or the bytes are not in it", async () => {
    await expect(names(utf8(csv), "klingon")).rejects.toThrow("encoding: expected the name of an encoding");
    await expect(names(utf8(csv), 7 as never)).rejects.toThrow("expected encoding to be a string, got 7");
    await expect(names(Uint8Array.of(...utf16le(csv), 7), "utf-16le")).rejects.toThrow(
      "expected text in utf-16le",
    );
  });

  it("is of no use for what is no text", async () => {
    const parquet = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: "name", data: ["x"], type: "STRING" }] }),
    );
    await expect(readTable(parquet, { encoding: "latin1" })).rejects.toThrow(
      "encoding: expected none, for a Parquet file",
    );
    await expect(readTable([{ a: 1 }], { delimiter: ";" })).rejects.toThrow(
      "delimiter: expected none, for rows",
    );
  });

  it("keeps any text, and refuses any other byte in it", async () => {
    const cell = fc
      .stringMatching(/^[^"\0\r\n,]+$/u)
      .filter((text) => !/\p{Surrogate}/u.test(text) && text.trim() !== "");
    await fc.assert(
      fc.asyncProperty(
        cell,
        fc.nat(),
        fc.constantFrom(0x80, 0xbf, 0xc0, 0xf5, 0xff),
        async (text, place, wrong) => {
          const bytes = utf8(`name\n"${text}"\n`);
          expect(await names(bytes)).toEqual([text]);
          const at = 6 + (place % (bytes.length - 8));
          // Not within a letter: there it may cut that one.
          fc.pre((bytes[at]! & 0xc0) !== 0x80);
          const broken = Uint8Array.of(...bytes.slice(0, at), wrong, ...bytes.slice(at));
          await expect(names(broken)).rejects.toThrow(`at byte ${at}, which is none`);
        },
      ),
    );
  });
});

const text = (start: string) => utf8(`${start}${" ".repeat(40)}`);
const bytes = (start: string, length = 600) => {
  const file = new Uint8Array(length).fill(1);
  file.set(latin1(start));
  return file;
};

describe("a file of another kind", () => {
  it.each<[string, Uint8Array, string]>([
    [
      "xlsx",
      bytes("PK\x03\x04\x14\0\x06\0[Content_Types].xml xl/workbook.xml"),
      "an Excel workbook (.xlsx); try writing it as CSV",
    ],
    [
      "ods",
      bytes("PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
      "a spreadsheet (.ods)",
    ],
    ["zip", bytes("PK\x03\x04\x14\0data.csv"), "a zip archive; try unpacking"],
    ["xls", bytes("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an Excel workbook (.xls)"],
    ["JSON, rows", text('[{"a": 1}]'), "JSON; try its rows: the array that JSON.parse gives"],
    ["JSON, columns", text('\n { "a": [1] }'), "JSON"],
    ["JSON after a mark", text("\ufeff[[1, 2]]"), "JSON"],
    ["JSON lines", text('{"a":1}\n{"a":2}\n'), "JSON"],
    ["HTML", text("<!DOCTYPE html>\n<html>"), "an HTML page; try the link to the file itself"],
    ["HTML, in capitals", text("  <HTML>"), "an HTML page"],
    ["XML", text('<?xml version="1.0"?>'), "an XML document"],
    [
      "Git LFS",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1"),
      "a Git LFS pointer instead of the file; try git lfs pull",
    ],
    ["PDF", bytes("%PDF-1.7"), "a PDF document"],
    ["SQLite", bytes("SQLite format 3\0"), "an SQLite database"],
    ["Arrow", bytes("ARROW1\0\0"), "an Arrow (Feather) file"],
    ["Feather", bytes("FEA1\0\0"), "a Feather file"],
    ["ORC", bytes("ORC\x0a\x01\x03"), "an ORC file"],
    ["Avro", bytes("Obj\x01"), "an Avro file"],
    ["HDF5", bytes("\x89HDF\r\n\x1a\n"), "an HDF5 file"],
    ["NumPy", bytes("\x93NUMPY\x01"), "a NumPy array"],
    ["pickle", bytes("\x80\x04\x95"), "a Python pickle"],
    ["bzip2", bytes("BZh91AY&SY"), "a bzip2 file"],
    ["xz", bytes("\xfd7zXZ\0"), "an xz file"],
    ["zstd", bytes("\x28\xb5\x2f\xfd"), "a Zstandard file"],
    ["7z", bytes("7z\xbc\xaf\x27\x1c"), "a 7z archive"],
    ["tar", bytes(`data.csv${"\0".repeat(249)}ustar`), "a tar archive"],
    ["PNG", new Uint8Array(createCanvas(2, 2).toBuffer("image/png")), "a PNG image"],
    ["JPEG", new Uint8Array(createCanvas(2, 2).toBuffer("image/jpeg")), "a JPEG image"],
  ])("is refused by name: %s", async (_, file, got) => {
    await expect(readTable(file)).rejects.toThrow(`table: expected a CSV or Parquet file, got ${got}`);
  });

  it.each([
    ["[id],name\n7,x\n", ["[id]", "name"]],
    ["{id},name\n7,x\n", ["{id}", "name"]],
    ["<5,>5\n7,x\n", ["<5", ">5"]],
    ["ORC,Elf\n1,2\n", ["ORC", "Elf"]],
    ["PAR1,PAR2\n1,2\n", ["PAR1", "PAR2"]],
    ["FEA1,FEA2\n1,2\n", ["FEA1", "FEA2"]],
    ["PK,SK\n1,2\n", ["PK", "SK"]],
    ["sex,ftype\n1,2\n", ["sex", "ftype"]],
    ["version,x\n1,2\n", ["version", "x"]],
    ["BZh1,b\n1,2\n", ["BZh1", "b"]],
  ])("is not %j", async (file, columns) => {
    expect((await readTable(utf8(file))).columns).toEqual(columns);
  });

  it("another delimiter is suggested where the column asked for is a part of the only one", async () => {
    const { tabularDataLoaders } = await import("../../../src/data/index.js");
    const loaded = tabularDataLoaders({ source: utf8("a;b\n1;2\n"), contNames: ["a"], yNames: "b" });
    await expect(loaded).rejects.toThrow('expected a column "a", got the columns a;b; try delimiter: ";"');
  });
});
