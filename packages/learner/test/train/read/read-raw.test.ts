import { describe, expect, test } from "vitest";
import { delimiterOf } from "../../../src/train/read/delimiter.js";
import { readRaw } from "../../../src/train/read/read-raw.js";
import { column, file, folder, many } from "../tables.js";

describe("what separates fields", () => {
  test.each([
    ["commas", "a,b\n1,2\n", ","],
    ["decimal commas between semicolons", "a;b\n1,5;2,5\n3,5;4\n", ";"],
    ["tabs, with commas in texts", "a\tb\nx, y\tz\nw\tu, v\n", "\t"],
    ["bars", "a|b\n1|2\n", "|"],
    ["nothing", "a\n1\n2\n", ","],
    ["one ragged line among many", `a;b\n${"1;2\n".repeat(20)}1;2;3\n${"1;2\n".repeat(5)}`, ";"],
    ["a text that is cut off between quotes", `a;b\n1;2\n1;"${"long, long\n".repeat(50)}`, ";"],
  ])("%s", (_, text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });
});

test("a large file with a byte order mark, whose first part ends within a character", async () => {
  const text = `\uFEFFx;y\n${"ääää;ö\n".repeat(40_000)}`;
  for (let shift = 0; shift < 4; shift++) {
    const { table, delimiter } = await readRaw(file(text.replace("x;", `x${"x".repeat(shift)};`)));
    expect([delimiter, table.length]).toEqual([";", 40_000]);
  }
});

test("JSON as a list, or an object a line, with what is missing left out", async () => {
  const rows = [{ x: 1, y: "a" }, { y: "b" }];
  const list = await readRaw(file(JSON.stringify(rows)));
  const lines = await readRaw(file(rows.map((row) => JSON.stringify(row)).join("\r\n")));
  expect([list.form, lines.form]).toEqual(["JSON", "JSON lines"]);
  for (const { table } of [list, lines]) {
    expect(Object.fromEntries(table.values)).toEqual({ x: [1, undefined], y: ["a", "b"] });
  }
});

test.each([
  ["no encoding", column(many(["1"])), { encoding: "klingon" }, /the name of an encoding/],
  ["a broken list", '[{"x": 1', {}, /expected a JSON list of objects/],
  ["a list of numbers", "[1, 2]", {}, /got one with other things in it/],
  ["a broken line", '{"x": 1}\n{"x"\n', {}, /line 2: expected a JSON object/],
  ["numbers for names", "5.1,3.5,a\n4.9,3,b\n", {}, /line 1: expected the columns' names/],
  ["a line of megabytes", `x,y\n${"1,".repeat(3e6)}`, {}, /lines of at most 4 MB/],
  ["bytes of zero", `x,y\n1,\0\n`, {}, /binary files/],
])("%s is refused by the file's name", async (_, contents, options, words) => {
  const path = file(contents);
  const error = (await readRaw(path, options).catch((thrown: unknown) => thrown)) as Error;
  expect(error.message).toMatch(words);
  expect(error.message).not.toMatch(/[\n\r]/);
  expect(error.message.includes(folder) || error.message.startsWith("encoding")).toBe(true);
});

test("years and counted columns are names", async () => {
  expect((await readRaw(file("0,1,2\n5,6,7\n"))).table.columns).toEqual(["0", "1", "2"]);
  expect((await readRaw(file("name,2019,2020\na,1,2\n"))).table.columns).toEqual(["name", "2019", "2020"]);
});

test("a header of thousands of fields without names, or of one name, takes time in proportion", async () => {
  for (const header of [",".repeat(30_000), `${"a,".repeat(30_000)}a`]) {
    const { table } = await readRaw(file(`${header}\n${header}\n`));
    expect(table.columns.length).toBe(30_001);
    expect(table.warnings?.length).toBe(11);
  }
});
