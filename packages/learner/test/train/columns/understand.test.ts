import { describe, expect, test } from "vitest";
import { column, many, plan, refusal, specs, table } from "../tables.js";

describe("dates", () => {
  test("what one column does not tell of days and months, another does", async () => {
    const { recipe, lines } = await plan(
      table({ from: many(["01/02/2024", "03/04/2024"]), to: many(["31/01/2024", "01/02/2024"]) }),
    );
    expect(recipe.columns).toMatchObject({ from: { order: "dmy" }, to: { order: "dmy" } });
    expect(lines.join("\n")).toContain("from  date, days first, as in other columns (--dates): its parts");
  });

  test("but for a few cells, or in two ways of writing, are refused", async () => {
    const dates = Array.from({ length: 40 }, (_, i) => `2024-01-${String(1 + (i % 28)).padStart(2, "0")}`);
    expect(await refusal(column([...dates, "unknown"]))).toMatch(
      /dates, as most of its cells are, got "unknown"; try --missing "unknown"/,
    );
    expect((await specs(column([...dates, "unknown"]), { missing: ["unknown"] }))["x"]).toMatchObject({
      kind: "date",
    });
    expect(await refusal(column([...dates, ...many(["31.01.2024", "30.01.2024"])]))).toMatch(
      /dates in one way of writing, got "2024-01-01" beside "31.01.2024"/,
    );
  });

  test("a part that is called as another column is refused when it is made", async () => {
    const text = table({ d: many(["2024-01-31", "2024-02-01"]), "d: year": many(["1", "2"]) });
    expect((await specs(text))["d"]).toMatchObject({ kind: "date" });
  });
});

test("what was taken for missing is said", async () => {
  const { lines } = await plan(column(many(["1", "NA", "2", "-", ""])));
  expect(lines.join("\n")).toContain('x  number, 24 missing ("NA", "-")');
});

test("names of which nearly each row has its own are identifiers", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i === 39 ? 0 : i}`);
  const { recipe, lines } = await plan(table({ x: names, z: many(["1", "2"]) }));
  expect(recipe.columns["x"]).toEqual({ kind: "ignore", why: "identifier" });
  expect(lines.join("\n")).toContain('an identifier, another for nearly each row, as "n0": left out');
});

test("objects and lists of JSON are left out, and refused where they are asked for", async () => {
  const rows = many(["a", "b"]).map((y) => JSON.stringify({ x: { deep: 1 }, z: y === "a" ? 1 : 2, y }));
  expect((await specs(rows.join("\n")))["x"]).toEqual({ kind: "ignore", why: "nested" });
  expect(await refusal(rows.join("\n"), { types: { x: "category" } })).toMatch(
    /numbers or texts, got objects/,
  );
  expect((await specs(`[${rows.join(",")}]`))["z"]).toEqual({ kind: "number" });
});
