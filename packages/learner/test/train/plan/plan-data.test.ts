import fc from "fast-check";
import { LrfindError } from "lrfind/core";
import { describe, expect, test } from "vitest";
import { planData, type TablePlan } from "../../../src/train/index.js";
import { column, file, folder, many, plan, refusal, specs } from "../tables.js";

describe("what columns are taken for", () => {
  test.each([
    ["numbers", many(["1", "2.5", "3"]), { kind: "number" }],
    ["numbers with missing ones", many(["1", "NA", "2", "-", "#N/A", ""]), { kind: "number" }],
    ["thousands apart", many(['"1,234.5"', "7"]), { kind: "number", thousands: "," }],
    ["percent", many(["12%", "5.5%", "0"]), { kind: "number", percent: true }],
    ["yes and no", many(["yes", "no"]), { kind: "category" }],
    ["codes with leading zeros", many(["007", "012", "100"]), { kind: "category" }],
    ["names", many(["red", "green", "blue"]), { kind: "category" }],
    ["dates", many(["2024-01-31", "2024-02-01"]), { kind: "date", order: "ymd" }],
    ["days first", many(["31/01/2024", "01/02/2024"]), { kind: "date", order: "dmy" }],
    [
      "sentences",
      Array.from({ length: 40 }, (_, i) => `this is the sentence of number ${i}`),
      { kind: "ignore", why: "text" },
    ],
    ["a constant", many(["same"]), { kind: "ignore", why: "constant" }],
    ["nothing", many([""]), { kind: "ignore", why: "no value" }],
    [
      "an identifier of letters",
      Array.from({ length: 40 }, (_, i) => `A${(i * 7919) % 1000}X`),
      { kind: "ignore", why: "identifier" },
    ],
    [
      "a number that counts the rows",
      Array.from({ length: 40 }, (_, i) => String(i + 1)),
      { kind: "ignore", why: "identifier" },
    ],
  ])("%s", async (_, cells, spec) => {
    const rows = column(cells)
      .replace("x,y", "x,z,y")
      .replaceAll(/,([ab])$/gm, (_, y: string) => `,${y === "a" ? 1 : 2},${y}`);
    expect((await specs(rows))["x"]).toEqual(spec);
  });

  test("whole numbers that are different but are called no identifier stay numbers", async () => {
    const cells = Array.from({ length: 40 }, (_, i) => String((i * 7919) % 10_007));
    expect((await specs(column(cells)))["x"]).toEqual({ kind: "number" });
  });

  test("each is said in a line, and what is asked for goes before", async () => {
    const text = column(many(["1", "2", "3"]));
    expect((await plan(text)).lines.slice(0, 3).map((line) => line.replace(folder, ""))).toEqual([
      expect.stringMatching(/^\/\d+\.csv: CSV by commas, 40 rows, 2 columns$/),
      "  x  number",
      "  y  the target: one of 2 classes (classification)",
    ]);
    expect((await specs(text, { types: { x: "category" } }))["x"]).toEqual({ kind: "category" });
    expect(await refusal(text, { ignore: ["x"] })).toMatch(/expected a column to predict from/);
    expect(await refusal(text, { types: { xx: "number" } })).toMatch(
      /types: expected the name of a column: "x", "y", got "xx"/,
    );
  });
});

describe("as spreadsheets write tables", () => {
  const plain = [
    ["1.5", "2.5"],
    ["3.5", "4.5"],
  ];
  const body = (delimiter: string, comma = ".") =>
    `x${delimiter}z${delimiter}y\n${many(["0", "1"])
      .map((i) =>
        [...plain[Number(i)]!.map((cell) => cell.replace(".", comma)), "ab"[Number(i)]].join(delimiter),
      )
      .join("\n")}\n`;

  test.each([
    ["semicolons and decimal commas", body(";", ","), { kind: "number", decimal: "," }],
    ["tabs", body("\t"), { kind: "number" }],
    ["bars", body("|"), { kind: "number" }],
    ["a byte order mark", `\uFEFF${body(",")}`, { kind: "number" }],
    ["UTF-16", new Uint8Array(Buffer.from(`\uFEFF${body(";")}`, "utf16le")), { kind: "number" }],
    ["Windows' line ends and empty lines", body(",").replaceAll("\n", "\r\n\r\n"), { kind: "number" }],
    [
      "line breaks within quotes",
      body(",").replace("1.5", '"1.5"').replaceAll(/,a$/gm, ',"a\n1"'),
      { kind: "number" },
    ],
    [
      "JSON lines",
      many(["a", "b"])
        .map((y, i) => JSON.stringify({ x: i % 2 ? 1.5 : 2.5, z: 1, y }))
        .join("\n"),
      { kind: "number" },
    ],
  ])("%s", async (_, contents, spec) => {
    expect((await specs(contents))["x"]).toEqual(spec);
  });

  test.each([
    ["Latin-1", new Uint8Array(Buffer.from(column(many(["é", "è"])), "latin1")), /encoding: "windows-1252"/],
    [
      "ragged rows",
      `${column(many(["1", "2"]))}1,2,3\n`,
      /expected as many fields as the header has, got 3 fields/,
    ],
    [
      "ragged rows between semicolons",
      `${column(many(["1", "2"]), ";")}1;2;3\n`,
      /expected as many fields as the header has, got 3 fields/,
    ],
    [
      "no header",
      "5.1,3.5,a\n4.9,3,b\n4.7,3.2,a\n",
      /line 1: expected the columns' names, got numbers such as "5.1"/,
    ],
    ["a JSON list of other things", "[1, 2]", /expected a JSON list of objects/],
    ["1,234 alone", column(many(['"1,234"', '"5,678"'])), /only such as "1,234"; try --decimal/],
    [
      "dates that tell nothing",
      column(many(["01/02/2024", "03/04/2024"])),
      /only such as "01\/02\/2024"; try --dates dmy/,
    ],
    [
      "numbers but for a few",
      column([...many(["1", "2"]), "12 (est.)"]),
      /expected numbers, as most of its cells are, got "12 \(est\.\)".*try --missing "12 \(est\.\)"/,
    ],
    ["two decimal signs", column([...many(["1.5", "2.5"]), '"3,5"']), /numbers, as most of its cells are/],
    ["a target of one value", "x,y\n1,a\n2,a\n", /a target of two values or more, got always "a"/],
    [
      "a target that is another for each row",
      `x,y\n${Array.from({ length: 30 }, (_, i) => `${i % 3},n${i}`).join("\n")}`,
      /classes that come back, got 30 of them in 30 rows/,
    ],
    ["only a header", "x,y\n", /at least one row, got only the header/],
    ["nothing", "", /./],
    [
      "a line of megabytes",
      `x,y\n${"1,".repeat(2_200_000)}\n`,
      /lines of at most 4 MB, a row each, got one of 4\.2 MB/,
    ],
    ["zeros", new Uint8Array(1000), /binary/],
  ])("%s is refused in one line", async (_, contents, words) => {
    const message = await refusal(contents);
    expect(message).toMatch(words);
    expect(message).not.toMatch(/[\n\r]/);
  });

  test("what is refused is decided by the option that it names", async () => {
    expect((await specs(column(many(['"1,234"', '"5,678"'])), { decimal: "," }))["x"]).toEqual({
      kind: "number",
      decimal: ",",
    });
    expect((await specs(column(many(['"1,234"', '"5,678"'])), { decimal: "." }))["x"]).toEqual({
      kind: "number",
      thousands: ",",
    });
    expect((await specs(column(many(["01/02/2024", "03/04/2024"])), { dates: "mdy" }))["x"]).toEqual({
      kind: "date",
      order: "mdy",
    });
    expect(
      (await specs(column([...many(["1", "2"]), "12 (est.)"]), { missing: ["12 (est.)"] }))["x"],
    ).toEqual({ kind: "number" });
    expect(
      (await specs(new Uint8Array(Buffer.from(column(many(["é", "è"])), "latin1")), { encoding: "latin1" }))[
        "x"
      ],
    ).toEqual({ kind: "category" });
  });
});

describe("the target", () => {
  test("may be left out where one column is meant", async () => {
    expect(((await planData(file(column(many(["1", "2"]))))) as TablePlan).target).toBe("y");
    await expect(planData(file("a,b\n1,2\n3,4\n"))).rejects.toThrow(/try --target with one of "a", "b"/);
    await expect(planData(file("y,label,x\n1,2,3\n3,4,5\n"))).rejects.toThrow(/got "y", "label"/);
    await expect(planData(file("a,b\n1,2\n3,4\n"), { target: "c" })).rejects.toThrow(
      /the name of a column: "a", "b", got "c"/,
    );
  });

  test("is a number where its values are many, else a class; or as asked for", async () => {
    const numbers = `x,y\n${Array.from({ length: 60 }, (_, i) => `${i % 7},${i * 1.5}`).join("\n")}`;
    expect((await plan(numbers)).task).toBe("regression");
    const coded = `x,y\n${Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 3}`).join("\n")}`;
    expect((await plan(coded)).task).toBe("classification");
    expect((await plan(coded, { task: "regression" })).task).toBe("regression");
  });

  test("rows without one are left out, and a rare class is said", async () => {
    const { lines, items } = await plan(`${column(many(["1", "2"]))}5,\n6,NA\n7,c\n`);
    expect(items).toBe(41);
    expect(lines.join("\n")).toContain("2 rows have no target, and are left out");
    expect(lines.join("\n")).toContain('the rarest, "c", has 1 row');
  });
});

test("damaged tables are understood, or refused by an error of ours in one line", async () => {
  const sample = column(many(["1", "2.5", "NA", "2024-01-01", "red"], 30))
    .replace("x,y", "x,z,y")
    .replaceAll(/,([ab])$/gm, ",1.5,$1");
  const damage = fc.oneof(
    fc.constantFrom("\0", "\n", '"', ",", ";", "1e999", "9".repeat(400), "{", "é", "\u001b[31m", "-", ""),
    fc.string({ maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2000), fc.nat(20), damage), { minLength: 1, maxLength: 5 }),
      async (changes) => {
        let text = sample;
        for (const [at, removed, added] of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + added + text.slice(from + removed);
        }
        try {
          await plan(text);
        } catch (error) {
          expect(error).toBeInstanceOf(LrfindError);
          expect((error as Error).message).not.toMatch(/[\n\r]/);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("points stand between thousands where another column has decimal commas", async () => {
  const rows = many(["1.234;2,5;a", "5.678;3,75;b"]);
  expect(await specs(`n;x;y\n${rows.join("\n")}\n`)).toMatchObject({
    n: { kind: "number", thousands: ".", decimal: "," },
    x: { kind: "number", decimal: "," },
  });
  expect(await refusal(`n;y\n${many(["1.234;a", "5.678;b"]).join("\n")}\n`)).toMatch(/only such as "1.234"/);
});
