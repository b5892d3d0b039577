import { expect, test } from "vitest";
import { readTable, tabularDataLoaders } from "../../../src/data/index.js";

const bytes = (text: string) => new TextEncoder().encode(text);

test("columns without a name, or with another's, get one of their own", async () => {
  const table = await readTable(bytes(",a,a,column 1,a (2),,\n1,2,3,4,5,6,7\n"), { fixNames: true });
  expect(table.columns).toEqual(["column 1 (2)", "a", "a (3)", "column 1", "a (2)", "column 6", "column 7"]);
  expect(table.values.get("a (3)")).toEqual(["3"]);
  expect(table.warnings).toEqual([
    'table: field 1 of the header has no name: called "column 1 (2)"',
    'table: field 3 of the header has the name "a" again: called "a (3)"',
    'table: field 6 of the header has no name: called "column 6"',
    'table: field 7 of the header has no name: called "column 7"',
  ]);
});

test("without the option they are refused, and a table of good names has nothing to say", async () => {
  await expect(readTable(bytes("a,\n1,2\n"))).rejects.toThrow(/header, field 2: expected a name of its own/);
  await expect(readTable(bytes("a,a\n1,2\n"))).rejects.toThrow(/got "a" twice/);
  expect((await readTable(bytes("a,b\n1,2\n"), { fixNames: true })).warnings).toEqual([]);
});

test("loaders pass it on", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 3},${i % 2}`);
  const { warnings } = await tabularDataLoaders({
    source: bytes(`,x,y\n${rows.join("\n")}\n`),
    fixNames: true,
    contNames: ["x"],
    yNames: "y",
    yBlock: "category",
    batchSize: 4,
  });
  expect(warnings).toEqual(['table: field 1 of the header has no name: called "column 1"']);
});
