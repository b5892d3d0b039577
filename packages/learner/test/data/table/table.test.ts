import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { readTable } from "../../../src/data/index.js";

const csv = (text: string) => new TextEncoder().encode(text);

describe("readTable", () => {
  it("reads CSV with quotes, empty fields, a byte order mark and Windows line ends", async () => {
    const table = await readTable(csv('\ufeffa,b\r\n1,"x, ""y"""\r\n\r\n,z\r\n'));
    expect(table.columns).toEqual(["a", "b"]);
    expect(table.length).toBe(2);
    expect(table.values.get("a")).toEqual(["1", ""]);
    expect(table.values.get("b")).toEqual(['x, "y"', "z"]);
  });

  it("unpacks gzip and takes another delimiter", async () => {
    const table = await readTable(gzipSync("a\tb\n1\t2\n"), { delimiter: "\t" });
    expect(table.values.get("b")).toEqual(["2"]);
  });

  it.each(["UNCOMPRESSED", "SNAPPY", "GZIP"] as const)(
    "reads Parquet of several types, with missing values: %s",
    async (codec) => {
      const written = parquetWriteBuffer({
        codec,
        compressors: { GZIP: gzipSync },
        columnData: [
          { name: "name", data: ["x", null, "y"], type: "STRING" },
          { name: "count", data: [1n, 2n, null], type: "INT64" },
          { name: "weight", data: [0.5, Number.NaN, 2], type: "DOUBLE" },
        ],
      });
      const table = await readTable(new Uint8Array(written));
      expect(table.columns).toEqual(["name", "count", "weight"]);
      expect(table.values.get("name")).toEqual(["x", null, "y"]);
      expect(table.values.get("count")).toEqual([1n, 2n, null]);
      expect(table.values.get("weight")).toEqual([0.5, Number.NaN, 2]);
    },
  );

  it("takes rows, of which some lack a key", async () => {
    const table = await readTable([{ a: 1 }, { a: 2, b: "x" }]);
    expect(table.columns).toEqual(["a", "b"]);
    expect(table.values.get("b")).toEqual([undefined, "x"]);
  });

  it.each([
    ["an empty file", csv(""), "table: expected a header line, got no line"],
    ["a header alone", csv("a,b\n"), "table: expected at least one row, got only the header"],
    [
      "rows of different lengths",
      csv("a,b\n1,2\n1,2,3\n"),
      "table, line 3: expected as many fields as the header has, got 3 fields",
    ],
    ["an open quote", csv('a,b\n1,"2\n'), "table, line 2: expected CSV, got Quote Not Closed"],
    [
      "a column twice",
      csv("a,b,a\n1,2,3\n"),
      'table, header, field 3: expected a name of its own, got "a" twice',
    ],
    [
      "a column without a name",
      csv("a,\n1,2\n"),
      "header, field 2: expected a name of its own, got an empty one",
    ],
    ["no rows", [], "rows: expected at least one row, got none"],
    ["a row that is no object", [{ a: 1 }, null as never], "rows, row 2: expected an object, got null"],
    ["a Parquet file cut short", csv("PAR1abc"), "table: expected a whole Parquet file"],
    ["a file that is not there", "no-such.csv", "no-such.csv: expected a readable file, got ENOENT"],
    ["no source at all", undefined as never, "a stream of bytes, or an array of rows, got undefined"],
  ])("rejects %s", async (_, source, message) => {
    await expect(readTable(source)).rejects.toThrow(message);
  });
});
