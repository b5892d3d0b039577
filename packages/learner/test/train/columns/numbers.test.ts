import { expect, test } from "vitest";
import { numberOf } from "../../../src/train/columns/number-form.js";
import type { NumberForm } from "../../../src/train/index.js";
import { column, many, plan, refusal, specs, table } from "../tables.js";

const points = { kind: "number" };
const commas = { kind: "number", decimal: "," };

test("what one column does not tell of decimals, another does", async () => {
  const either = many(["1,234", "5,678"]);
  expect(await specs(table({ n: either, x: many(["2,5", "3,75"]) }, ";"))).toMatchObject({
    n: commas,
    x: commas,
  });
  const { recipe, lines } = await plan(table({ n: either, x: many(["2.5", "3.75"]) }, ";"));
  expect(recipe.columns).toMatchObject({ n: { kind: "number", thousands: "," }, x: points });
  expect(lines.join("\n")).toContain("n  number, thousands apart, as in other columns (--decimal)");
});

test("columns that contradict one another decide nothing", async () => {
  const columns = { n: many(["1,234", "5,678"]), x: many(["2,5", "3,75"]), z: many(["2.5", "3.75"]) };
  expect(await refusal(table(columns, ";"))).toMatch(/column "n": expected numbers of which one tells/);
});

test("what was asked for decides before the column's looks", async () => {
  const cells = many(["1.234", "5.678"]);
  expect((await specs(column(cells)))["x"]).toEqual(points);
  expect((await specs(column(cells), { decimal: "," }))["x"]).toEqual({ ...commas, thousands: "." });
  expect((await specs(column(many(["1.5", "2"])), { decimal: "," }))["x"]).toEqual(points);
});

test("numbers with and without percent signs are refused, but for zeros", async () => {
  expect(await refusal(column(many(["12%", "5"])))).toMatch(
    /percent signs on all numbers or on none, got "5" beside "12%"; try --types 'x=category'/,
  );
  expect((await specs(column(many(["12%", "0"]))))["x"]).toEqual({ ...points, percent: true });
});

test("numbers beyond float64 are refused", async () => {
  expect(await refusal(column(many(["1e999", "5"])))).toMatch(/numbers below 1.8e308, got "1e999"/);
  expect(await refusal(column(many(["9".repeat(400), "5"])))).toMatch(/numbers below 1.8e308/);
  const json = many(["1e999", "5"]).map((x, i) => `{"x":${x},"y":"${"ab"[i % 2]}"}`);
  expect(await refusal(json.join("\n"))).toMatch(/numbers below 1.8e308, got "Infinity"/);
});

test("a minus as typesetters write it", async () => {
  expect((await specs(column(many(["\u22125", "3"]))))["x"]).toEqual(points);
});

test.each([
  ["1 … n in any order", "x", Array.from({ length: 40 }, (_, i) => 1 + ((i * 7) % 40))],
  ["numbers called so", "userId", Array.from({ length: 40 }, (_, i) => (i * 7919) % 10_007)],
])("an identifier: %s", async (_, name, numbers) => {
  const text = table({ [name]: numbers.map(String), z: many(["1", "2"]) });
  expect((await specs(text))[name]).toEqual({ kind: "ignore", why: "identifier" });
  expect((await specs(text, { types: { [name]: "number" } }))[name]).toEqual(points);
});

test("names that are those of all objects are a column's like any other", async () => {
  const text = table({ constructor: many(["1", "2"]), ["__proto__"]: many(["3", "4"]) });
  expect(await specs(text.replace(/^.*\n/, "constructor,__proto__,y\n"))).toMatchObject({
    constructor: points,
  });
});

test.each([
  ["a currency before them", ['"$1,234.50"', "$7"], { thousands: ",", unit: "$" }, [1234.5, 7]],
  ["a currency behind them", ["5,50 €", "-7,25 €"], { decimal: ",", unit: "€" }, [5.5, -7.25]],
  ["a unit", ["5 kg", "7.5kg"], { unit: "kg" }, [5, 7.5]],
])("%s", async (_, cells, form, numbers) => {
  const text = column(many(cells), ";");
  const spec = (await specs(text))["x"];
  expect(spec).toEqual({ ...points, ...form });
  expect(cells.map((cell) => numberOf(cell.replaceAll('"', ""), spec as NumberForm))).toEqual(numbers);
  expect(numberOf("5", spec as NumberForm)).toBeUndefined();
});

test("several units are names, as are codes that begin with letters", async () => {
  expect((await specs(column(many(["5 kg", "7 g"]))))["x"]).toEqual({ kind: "category" });
  expect((await specs(column(many(["A12", "A13"]))))["x"]).toEqual({ kind: "category" });
});

test("points that may stand between thousands are refused between semicolons, and said elsewhere", async () => {
  const cells = many(["1.234", "5.678"]);
  expect(await refusal(column(cells, ";"))).toMatch(/only such as "1.234"; try --decimal/);
  expect((await specs(column(cells, ";"), { decimal: "." }))["x"]).toEqual(points);
  expect((await plan(column(cells))).lines.join("\n")).toContain(
    "x  number, points taken for decimal ones (--decimal)",
  );
  const plain = await plan(table({ x: cells, z: many(["0.5", "1.25"]) }, ";"));
  expect(plain.lines.join("\n")).toMatch(/x {2}number\n/);
});

test("a target is said with how it is written", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 5};${i % 9 ? `${i},5%` : "NA"}`);
  expect((await plan(`x;y\n${rows.join("\n")}\n`)).lines.join("\n")).toContain(
    'y  the target: a number (regression), decimal commas, percent as parts of 1, 7 missing ("NA")',
  );
});
