import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import {
  categorify,
  collabDataLoaders,
  DataError,
  fillMissing,
  normalize,
  processorFromJSON,
  readTable,
  type TableRow,
  type TabularDataLoadersOptions,
  TabularProcessor,
  TextProcessor,
  tabularDataLoaders,
  textDataLoaders,
  tokenizer,
} from "../../../src/data/index.js";
import { columnOf } from "../../../src/data/table/table.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const table = (rows: readonly TableRow[]) => readTable(rows);
const rowsOf = (column: string, values: readonly unknown[]) =>
  values.map((value, i) => ({ [column]: value, y: i / 7 }));

describe("readTable", () => {
  it("trims the names of a header, but no values", async () => {
    const { columns, values, length, name } = await readTable(utf8(" a , b\n 1 ,2\n"));
    expect({ columns, length, name }).toEqual({ columns: ["a", "b"], length: 1, name: "table" });
    expect([...values]).toEqual([
      ["a", [" 1 "]],
      ["b", ["2"]],
    ]);
    await expect(readTable(utf8("a,a \n1,2\n"))).rejects.toThrow(
      'table, header, field 2: expected a name of its own, got "a" twice',
    );
    await expect(readTable(utf8("a, \n1,2\n"))).rejects.toThrow(
      "header, field 2: expected a name of its own, got an empty one",
    );
  });

  it("keeps the cause of what a parser refuses", async () => {
    for (const bytes of [utf8('a\n"1'), utf8("PAR1\x01\x01\x01\x01")]) {
      const error = await readTable(bytes).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(DataError);
      expect(error.cause).toBeInstanceOf(Error);
    }
    await expect(readTable(utf8("a,b\n1\n"))).rejects.toThrow(
      "table, line 2: expected as many fields as the header has, got 1 fields; try another delimiter, or quotes",
    );
  });

  it("reads the columns of a Parquet file, groups and lists as one each, wherever it lies in memory", async () => {
    const written = parquetWriteBuffer({
      schema: [
        { name: "root", num_children: 4 },
        { name: "id", type: "INT32", repetition_type: "REQUIRED" },
        { name: "tags", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "INT32", repetition_type: "OPTIONAL" },
        { name: "place", repetition_type: "OPTIONAL", num_children: 2 },
        { name: "x", type: "INT32", repetition_type: "OPTIONAL" },
        { name: "y", type: "INT32", repetition_type: "OPTIONAL" },
        { name: "last", type: "INT32", repetition_type: "REQUIRED" },
      ],
      columnData: [
        { name: "id", data: [1, 2] },
        { name: "tags", data: [[1, 2], [3]] },
        {
          name: "place",
          data: [
            { x: 1, y: 2 },
            { x: 3, y: 4 },
          ],
        },
        { name: "last", data: [8, 9] },
      ],
    });
    const around = new Uint8Array(written.byteLength + 20).fill(7);
    around.set(new Uint8Array(written), 9);
    for (const bytes of [
      new Uint8Array(written),
      around.subarray(9, 9 + written.byteLength),
      Buffer.from(written),
    ]) {
      const { columns, values } = await readTable(bytes);
      expect(columns).toEqual(["id", "tags", "place", "last"]);
      expect(values.get("id")).toEqual([1, 2]);
      expect(values.get("tags")).toEqual([[1, 2], [3]]);
      expect(values.get("place")).toEqual([
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ]);
      expect(values.get("last")).toEqual([8, 9]);
    }
    const none = parquetWriteBuffer({ columnData: [{ name: "a", data: [], type: "INT32" }] });
    await expect(readTable(new Uint8Array(none))).rejects.toThrow(
      "table: expected at least one row, got none",
    );
    const cut = new Uint8Array(written).slice(0, -3);
    await expect(readTable(cut)).rejects.toThrow(
      `table: expected a whole Parquet file, got ${cut.length} bytes that do not parse (`,
    );
  });

  it.each([
    ["PAR1\x01", true],
    ["PAR1", true],
    ["PAR1,b\n1,2\n", false],
    ["PAR1;b\n1;2\n", false],
    ["PAR1|b\n1|2\n", false],
    ["PAR1\tb\n1\t2\n", false],
    ["PAR1\n1\n", false],
    ["PAR2\n1\n", false],
  ])("takes %j for Parquet: %s", async (start, isParquet) => {
    const error = await readTable(utf8(start)).catch(String);
    expect(String(error).includes("expected a whole Parquet file")).toBe(isParquet);
  });

  it.each([
    [{ delimiter: ";" }, "delimiter"],
    [{ encoding: "utf-8" }, "encoding"],
    [{ delimiter: ";", encoding: "utf-8" }, "delimiter"],
  ])("refuses %j for what is no text", async (options, name) => {
    await expect(readTable([{ a: 1 }], options)).rejects.toThrow(
      `${name}: expected none, for rows in memory, got one; try leaving ${name} out`,
    );
  });

  it("suggests the delimiter that the only name has", async () => {
    for (const delimiter of [";", "\t", "|", ","]) {
      const one = await table([{ [`a${delimiter}b`]: 1 }]);
      expect(() => columnOf(one, "a")).toThrow(`try delimiter: ${JSON.stringify(delimiter)}`);
    }
    for (const rows of [[{ "a;b": 1, c: 2 }], [{ ab: 1 }], [{}]]) {
      const other = await table(rows);
      expect(() => columnOf(other, "a")).toThrow(
        new RegExp(`^rows: expected a column "a", got the columns ${other.columns.join(", ")}$`),
      );
    }
    expect(columnOf(await table([{ a: 1 }, { b: 2 }]), "b")).toEqual([undefined, 2]);
  });

  it.each([[null], [7], ["a"], [undefined]])("takes no row %j", async (row) => {
    await expect(readTable([{ a: 1 }, row] as never)).rejects.toThrow(
      "rows, row 2: expected an object, got ",
    );
  });
});

describe("the loaders of tables", () => {
  const text = "a;b;y\né;1;2\nè;2;3\né;3;5\n";
  const latin1 = new Uint8Array(Buffer.from(text, "latin1"));
  const read = {
    source: latin1,
    delimiter: ";",
    encoding: "latin1",
    validIdx: [1],
    batchSize: 1,
    seed: 3,
    shuffle: false,
    dropLast: false,
  };

  it("hand on how a file is read, split and cut", async () => {
    const tabular = await tabularDataLoaders({
      ...read,
      catNames: ["a"],
      contNames: ["b"],
      yNames: "y",
      procs: [categorify],
    });
    const collab = await collabDataLoaders(read);
    const texts = await textDataLoaders({ ...read, textCol: "b", labelCol: "a", validIdx: [2] });
    expect(tabular.processor.spec.categories["a"]).toEqual(["#na#", "é"]);
    expect([collab.users, collab.items]).toEqual([
      ["#na#", "é"],
      ["#na#", "1", "3"],
    ]);
    expect(texts.vocab).toEqual(["è", "é"]);
    for (const { train, valid } of [tabular, collab, texts]) {
      expect([
        train.batchSize,
        train.seed,
        train.dropLast,
        train.dataset.length,
        valid!.dataset.length,
      ]).toEqual([1, 3, false, 2, 1]);
    }
    expect((await tabular.train.batchAt(4, 1)).targets[0]!.data).toEqual(Float32Array.of(5));
    expect((await collab.train.batchAt(4, 1)).inputs[0]!.data).toEqual(Int32Array.of(1, 2));
    expect([...tabular.yNames, ...tabular.catNames, ...tabular.contNames]).toEqual(["y", "a", "b"]);
  });

  it("hand labels to a splitter: the classes, or what is missing as an empty text", async () => {
    const seen: unknown[] = [];
    const splitter = (_: number, context: object) => {
      seen.push(context);
      return { train: [0, 1], valid: [2] };
    };
    const source = [
      { a: 1, b: "x", y: " p " },
      { a: 2, b: "y", y: "q" },
      { a: 3, b: "z", y: "p" },
    ];
    const options = { source, splitter, seed: 5, batchSize: 1 };
    await tabularDataLoaders({ ...options, contNames: ["a"], yNames: "y" });
    await textDataLoaders({ ...options, textCol: "b", labelCol: "y" });
    await tabularDataLoaders({ ...options, catNames: ["y"], yNames: ["a"] });
    const two = source.map((row) => ({ ...row, a2: 1.5 }));
    await tabularDataLoaders({ ...options, source: two, catNames: ["y"], yNames: ["a", "a2"] });
    const withGap = [...source, { a: 4, b: "w", y: "?" }];
    await expect(
      tabularDataLoaders({ ...options, source: withGap, contNames: ["a"], yNames: "y", missing: ["?"] }),
    ).rejects.toThrow('rows, row 4, column "y": expected a target, got "?" (missing)');
    await expect(
      textDataLoaders({ ...options, source: withGap, textCol: "b", labelCol: "y", missing: ["?"] }),
    ).rejects.toThrow('rows, row 4, column "y": expected a target, got "?" (missing)');
    const labels = seen.map((context) => (context as { labels: unknown }).labels);
    expect(labels).toEqual([
      ["p", "q", "p"],
      ["p", "q", "p"],
      ["1", "2", "3"],
      undefined,
      ["p", "q", "p", ""],
      ["p", "q", "p", ""],
    ]);
    for (const context of seen) expect(context).toMatchObject({ seed: 5 });
  });

  it("leave out rows without a target, and know which rows are left", async () => {
    const source = [null, 1.5, "NA", 2.5, 3.5, null].map((y, i) => ({ x: i, y, z: i === 3 ? null : 1 }));
    const options = { source, contNames: ["x"], yNames: "y", validIdx: [1], batchSize: 1, shuffle: false };
    const dls = await tabularDataLoaders({ ...options, missingTarget: "drop" });
    expect([0, 1].map((row) => dls.train.dataset.origin!(row))).toEqual([{ row: 1 }, { row: 4 }]);
    expect(dls.valid!.dataset.origin!(0)).toEqual({ row: 3 });
    const two = await tabularDataLoaders({
      ...options,
      yNames: ["y", "z"],
      missingTarget: "drop",
      validPct: 0,
      validIdx: undefined,
    } as never);
    expect(two.train.dataset.length).toBe(2);
    await expect(tabularDataLoaders(options)).rejects.toThrow(
      'rows, row 1, column "y": expected a target, got null (missing)',
    );
    await expect(tabularDataLoaders({ ...options, missingTarget: "error" })).rejects.toThrow(
      "expected a target",
    );
    const none = source.map((row) => ({ ...row, y: null }));
    await expect(tabularDataLoaders({ ...options, source: none, missingTarget: "drop" })).rejects.toThrow(
      "rows: expected at least one row with a target, got none",
    );
    await expect(tabularDataLoaders({ ...options, missingTarget: "skip" as never })).rejects.toThrow(
      'tabularDataLoaders: expected missingTarget to be "error" or "drop", got "skip"',
    );
  });
});

describe("what fitting finds out", () => {
  const fitted = async (values: readonly unknown[], options: Partial<TabularDataLoadersOptions> = {}) =>
    (
      await tabularDataLoaders({
        source: rowsOf("x", values),
        contNames: ["x"],
        yNames: "y",
        validPct: 0,
        batchSize: 1,
        ...options,
      })
    ).processor.spec;

  it("medians are the middle one or the mean of the two, of those that are there", async () => {
    for (const [values, median] of [
      [[3, null], 3],
      [[10, 9, null], 9.5],
      [[10, null, 9, 200], 10],
      [[-1, -2, null, -30, -4], -3],
    ] as const) {
      const { medians, flagged, catNames, categories } = await fitted(values);
      expect({ medians, flagged, catNames }).toEqual({
        medians: { x: median },
        flagged: ["x"],
        catNames: ["x_na"],
      });
      expect(categories).toEqual({ x_na: ["#na#", "false", "true"] });
    }
    expect(await fitted([1, 2])).toMatchObject({ medians: {}, flagged: [], catNames: [], categories: {} });
  });

  it("means and deviations are those after filling; of a column that does not vary the deviation is 1", async () => {
    const { means, stds } = await fitted([1, 5, null]);
    expect([means["x"], stds["x"]]).toEqual([3, expect.closeTo(Math.sqrt(8 / 3), 12)]);
    for (const same of [
      [0.1, 0.1, 0.1],
      [7, 7],
      [0, 0],
      [-0.3, -0.3, -0.3, -0.3, -0.3, -0.3],
    ]) {
      expect((await fitted(same)).stds).toEqual({ x: 1 });
    }
    for (const small of [1e-30, 1e-6]) {
      expect((await fitted([small, -small])).stds["x"]).toBeCloseTo(small, 40);
    }
    expect((await fitted([1, 1 + 1e-12])).stds["x"]).toBeLessThan(1e-12);
  });

  it("only what procs say, and all of them unless told", async () => {
    const values = [1, 2, null];
    expect((await fitted(values)).procs).toEqual([categorify, fillMissing, normalize]);
    expect(await fitted(values)).toEqual(
      await fitted(values, { procs: [normalize, categorify, fillMissing] }).then((spec) => ({
        ...spec,
        procs: [categorify, fillMissing, normalize],
      })),
    );
    expect(await fitted(values, { procs: [fillMissing] })).toMatchObject({
      medians: { x: 1.5 },
      means: {},
      stds: {},
    });
    expect(await fitted([1, 2], { procs: [normalize] })).toMatchObject({ medians: {}, means: { x: 1.5 } });
    expect(await fitted([1, 2], { procs: [] })).toMatchObject({ medians: {}, means: {}, stds: {} });
    await expect(fitted(values, { procs: [normalize] })).rejects.toThrow(
      'rows, column "x": expected a number in every row, got 1 missing in the training part; try procs: [fillMissing, …]',
    );
    await expect(
      fitted(["a", "b"], { contNames: [], catNames: ["x"], procs: [fillMissing] }),
    ).rejects.toThrow("procs: expected categorify, as there are catNames, got [an object]");
  });

  it("adds a column for what is missing, unless its name is in use", async () => {
    const source = [
      { x: 1, x_na: 5, y: 0.5 },
      { x: null, x_na: 6, y: 1.5 },
    ];
    const options = { contNames: ["x"], validPct: 0, batchSize: 1, yNames: "y" };
    const clash = 'rows: expected no column "x_na", which fillMissing adds, got one; try another name for it';
    await expect(tabularDataLoaders({ ...options, source, contNames: ["x", "x_na"] })).rejects.toThrow(clash);
    await expect(tabularDataLoaders({ ...options, source, catNames: ["x_na"] })).rejects.toThrow(clash);
    await expect(tabularDataLoaders({ ...options, source, yNames: "x_na" })).rejects.toThrow(clash);
    expect((await tabularDataLoaders({ ...options, source })).catNames).toEqual(["x_na"]);
  });

  it("has no use for a column without numbers, or with other values", async () => {
    await expect(fitted([null, null])).rejects.toThrow(
      'rows, column "x": expected a number in some row, got none in the training part; try leaving the column out',
    );
    await expect(fitted([1, "two"])).rejects.toThrow(
      'rows, row 2, column "x": expected a finite number, got "two"; try it among catNames, or the text among missing',
    );
    for (const [names, got] of [
      [{ catNames: ["x"], contNames: ["x"] }, "in catNames and contNames"],
      [{ contNames: ["x", "x"] }, "in contNames twice"],
      [{ contNames: ["y"] }, "in contNames and yNames"],
      [{ yNames: ["y", "y"] }, "in yNames twice"],
    ] as const) {
      await expect(fitted([1, 2], names)).rejects.toThrow(`expected one use, got ${got}`);
    }
    await expect(fitted([1, 2], { contNames: [] })).rejects.toThrow(
      "catNames, contNames: expected at least one column, got none",
    );
    await expect(fitted([1, 2], { yNames: [] })).rejects.toThrow(
      "yNames: expected at least one column, got none",
    );
    await expect(fitted([1, 2], { yNames: [], yBlock: "category" })).rejects.toThrow(
      "yNames: expected at least one column, got none",
    );
    const two = rowsOf("x", ["a", "b"]).map((row) => ({ ...row, z: "c" }));
    await expect(fitted([], { source: two, contNames: ["y"], yNames: ["x", "z"] })).rejects.toThrow(
      "yNames: expected one column, as the target is a class, got x, z",
    );
    const numbers = await readTable([{ x: 1, y: 2 }]);
    for (const rows of [[1], [-1], [0.5]]) {
      expect(() => TabularProcessor.fit(numbers, rows, { contNames: ["x"], yNames: "y" })).toThrow(
        "TabularProcessor.fit: train: expected rows in 0 … 0",
      );
    }
  });
});

describe("what is said of a target", () => {
  const warningsOf = async (ys: readonly unknown[], options: Partial<TabularDataLoadersOptions> = {}) =>
    (
      await tabularDataLoaders({
        source: ys.map((y, i) => ({ x: i, y })),
        contNames: ["x"],
        yNames: "y",
        validPct: 0,
        batchSize: 1,
        ...options,
      })
    ).warnings;
  const cycle = (n: number, k: number) => Array.from({ length: n }, (_, i) => i % k);

  it.each<[string, unknown[], string | undefined]>([
    ["20 values in 40 rows", cycle(40, 20), "20 values only, 0 … 19"],
    ["20 values in 39 rows", cycle(39, 20), undefined],
    ["21 values", cycle(80, 21), undefined],
    ["4 values", cycle(8, 4), "4 values only, 0, 1, 2, 3;"],
    ["5 values", cycle(10, 5), "5 values only, 0 … 4;"],
    ["one value in two rows", [3, 3], "1 values only, 3;"],
    ["unsorted", [10, 9, 10, 9], "2 values only, 9, 10;"],
    ["halves", [0.5, 1, 0.5, 1], undefined],
    ["half of them names", [1, 1, 1, "a", "a", "a"], undefined],
    [
      "more than half of them numbers",
      [1, 1, 1, 1, "a", "a", "a"],
      'taken for 2 classes (yBlock "category"), as not all of its values are numbers: "a";',
    ],
    ["booleans and names", [true, true, true, "a"], undefined],
    ["a class for every other row", ["a", "b", "a", "b"], undefined],
    [
      "more classes than that",
      ["a", "b", "c", "a", "b"],
      'taken for classes (yBlock "category"): 3 in 5 rows;',
    ],
  ])("%s", async (_, ys, message) => {
    const warnings = await warningsOf(ys);
    if (message === undefined) expect(warnings).toEqual([]);
    else {
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/^rows, column "y": the target was taken for /);
      expect(warnings[0]).toContain(message);
      expect(
        await warningsOf(ys, { yBlock: warnings[0]!.includes("regression") ? "regression" : "category" }),
      ).toEqual([]);
    }
  });

  it("counts no rows without one, and comes after what else is said", async () => {
    const classes = ["a", "b", "a", "b", ...Array(4).fill("")];
    expect(await warningsOf(classes, { missingTarget: "drop" })).toEqual([]);
    expect(await warningsOf(["a", "b", "c", "a", "b", ""], { missingTarget: "drop" })).toHaveLength(1);
    const all = await warningsOf([0, 1, 0, 1], { validPct: 0.2 });
    expect(all[0]).toContain("no row is held out");
    expect(all[1]).toContain("taken for numbers");
    const date = new Date(0);
    await expect(warningsOf([1, date, 2])).rejects.toThrow(
      'rows, row 2, column "y": expected a number or a class, got a date',
    );
    expect(await warningsOf([true, false, true, true], { yBlock: "regression" })).toEqual([]);
  });

  it("says how many rows held out lack a number", async () => {
    const source = [1, 2, 4, null, null, 5].map((x, i) => ({ x, z: 1, y: i / 7 }));
    const { warnings } = await tabularDataLoaders({
      source,
      contNames: ["x", "z"],
      yNames: "y",
      validIdx: [3, 4, 5],
      batchSize: 1,
    });
    expect(warnings).toEqual([
      'rows, column "x": 2 rows held out lack a number, and none of the training part does: they get its median, 2, as if it were theirs',
    ]);
  });
});

describe("a processor of tables", () => {
  const source = [
    { c: "a", x: 1, y: "p" },
    { c: "b", x: null, y: "q" },
    { c: "a", x: 3, y: "p" },
  ];
  const make = async () =>
    (
      await tabularDataLoaders({
        source,
        catNames: ["c"],
        contNames: ["x"],
        yNames: "y",
        validPct: 0,
        batchSize: 1,
      })
    ).processor;

  const where = "TabularProcessor.fromJSON: expected ";
  it.each<[object, string]>([
    [{ kind: "text" }, 'kind "tabular" and version 1, got kind "text", version 1'],
    [{ version: 2 }, 'kind "tabular" and version 1, got kind "tabular", version 2'],
    [{ catNames: "c" }, 'catNames, an array of texts, got "c"'],
    [{ contNames: [1] }, "contNames, an array of texts, got [1]"],
    [{ yNames: undefined }, "yNames, an array of texts, got undefined"],
    [{ missing: [null] }, "missing, an array of texts, got [null]"],
    [{ flagged: "x" }, 'flagged, an array of texts, got "x"'],
    [{ flagged: null }, "flagged, an array of texts, got null"],
    [{ yBlock: "classes" }, 'yBlock "category" or "regression", got "classes"'],
    [{ procs: undefined }, "procs, an array, got undefined"],
    [{ procs: [{ kind: "scale" }] }, 'procs of a known kind, got "scale"'],
    [{ categories: null }, "categories, an object, got null"],
    [{ medians: 3 }, "medians, an object, got 3"],
    [{ means: undefined }, "means, an object, got undefined"],
    [{ stds: "1" }, 'stds, an object, got "1"'],
    [{ categories: { c: ["#na#"] } }, "categories.x_na, an array of texts, got undefined"],
    [{ medians: { x: "2" } }, 'medians.x, a finite number, got "2"'],
    [{ means: { x: null } }, "means.x, a finite number, got null"],
    [{ stds: { x: Number.POSITIVE_INFINITY } }, "stds.x, a finite number, got Infinity"],
    [{ means: {} }, "a mean and a positive std of x, got undefined and "],
    [{ stds: {} }, "a mean and a positive std of x, got 2 and undefined"],
    [{ stds: { x: 0 } }, "a mean and a positive std of x, got 2 and 0"],
    [{ stds: { x: -1 } }, "a mean and a positive std of x, got 2 and -1"],
    [{ vocab: undefined }, "vocab, an array of texts, got undefined"],
    [{ vocab: [1] }, "vocab, an array of texts, got [1]"],
  ])("reads no JSON with %o", async (changes, message) => {
    const json = { ...(await make()).toJSON(), ...changes };
    expect(() => TabularProcessor.fromJSON(json)).toThrow(DataError);
    expect(() => TabularProcessor.fromJSON(json)).toThrow(where + message);
  });

  it("reads its own, with or without what was added later, and each kind by name", async () => {
    const processor = await make();
    const json = JSON.parse(JSON.stringify(processor));
    expect(TabularProcessor.fromJSON(json).spec).toEqual(processor.spec);
    expect(processorFromJSON(json)).toBeInstanceOf(TabularProcessor);
    for (const kind of ["categorify", "fillMissing", "normalize"]) {
      expect(TabularProcessor.fromJSON({ ...json, procs: [{ kind }] })).toBeInstanceOf(TabularProcessor);
    }
    expect(
      TabularProcessor.fromJSON({ ...json, yBlock: "regression", vocab: undefined }).spec.vocab,
    ).toBeUndefined();
    expect(TabularProcessor.fromJSON({ ...json, procs: [], means: {}, stds: {} })).toBeInstanceOf(
      TabularProcessor,
    );
    for (const value of [null, "tabular", 1, undefined]) {
      expect(() => TabularProcessor.fromJSON(value)).toThrow(`${where}an object, got `);
    }
    for (const value of [{ kind: 5 }, { kind: "constructor" }, undefined, 3]) {
      expect(() => processorFromJSON(value)).toThrow(
        `processorFromJSON: expected the JSON of a processor, of kind image, tabular, text, got kind ${String((value as { kind?: unknown } | undefined)?.kind).replace("constructor", '"constructor"')}`,
      );
    }
  });

  it("takes a row, an object with each column", async () => {
    const processor = await make();
    // Filled, x is 1, 2, 3: mean 2.
    const std = Math.sqrt(2 / 3);
    expect(processor.process({ c: "b", x: 4 })).toEqual([
      { dtype: "int32", shape: [1, 2], data: Int32Array.of(2, 1) },
      { dtype: "float32", shape: [1, 1], data: Float32Array.of(2 / std) },
    ]);
    expect(processor.processRow({ c: null, x: "NA" }).map(({ data }) => [...data])).toEqual([[0, 2], [0]]);
    expect(processor.processRow({ c: "z", x: undefined })[0]!.data).toEqual(Int32Array.of(0, 2));
    for (const row of [null, undefined, [1], "a", 3]) {
      expect(() => processor.processRow(row as never)).toThrow(
        "TabularProcessor.processRow: expected row to be a row, an object with a value for each column, got ",
      );
    }
    expect(() => processor.processRow({ c: "a", x: "one" })).toThrow(
      'row, row 1, column "x": expected a finite number, got "one"',
    );
    expect(() => processor.processRow({ c: {}, x: 1 })).toThrow(
      'row, row 1, column "c": expected a text, number, boolean or date',
    );
    expect(processor.embeddingSizes).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  it("takes a column whose name ends as an indicator's for what it is", async () => {
    const rows = [
      { x_na: "u", x: 1, y: 0.5 },
      { x_na: "v", x: 2, y: 1.5 },
    ];
    const { processor } = await tabularDataLoaders({
      source: rows,
      catNames: ["x_na"],
      contNames: ["x"],
      yNames: "y",
      validPct: 0,
      batchSize: 1,
    });
    expect(processor.processRow({ x_na: "v", x: 1 })[0]!.data).toEqual(Int32Array.of(2));
  });

  it("gives targets in the rows and columns of the table", async () => {
    const rows = [1, 2].map((i) => ({ x: i, a: i, b: 10 * i }));
    const { processor, outputs, yBlock } = await tabularDataLoaders({
      source: rows,
      contNames: ["x"],
      yNames: ["a", "b"],
      validPct: 0,
      batchSize: 1,
    });
    expect([outputs, yBlock]).toEqual([2, "regression"]);
    expect(processor.targets(await table(rows))).toEqual({
      dtype: "float32",
      shape: [2, 2],
      data: Float32Array.of(1, 10, 2, 20),
    });
    expect(() => processor.targets({} as never)).toThrow(
      "TabularProcessor.targets: expected table to be a table",
    );
    expect(() => processor.inputs({} as never)).toThrow(
      "TabularProcessor.inputs: expected table to be a table",
    );
    await expect(table([{ x: 1, a: 1, b: "c" }]).then((t) => processor.targets(t))).rejects.toThrow(
      'rows, row 1, column "b": expected a finite number',
    );
    await expect(table([{ x: 1, a: 1, b: null }]).then((t) => processor.targets(t))).rejects.toThrow(
      'rows, row 1, column "b": expected a target, got null',
    );
  });
});

describe("collabDataLoaders", () => {
  const source = [
    { who: "a", what: "p", much: 1 },
    { who: "b", what: "q", much: 5 },
    { who: "a", what: "q", much: 3 },
    { who: "c", what: "r", much: 9 },
  ];
  const options = { source, validIdx: [3], batchSize: 1 };

  it("takes the first three columns, and a twentieth beyond the ratings trained on", async () => {
    const dls = await collabDataLoaders(options);
    expect(dls).toMatchObject({
      userName: "who",
      itemName: "what",
      ratingName: "much",
      users: ["#na#", "a", "b"],
      items: ["#na#", "p", "q"],
    });
    expect(dls.yRange).toEqual([0.8, 5.2]);
    expect((await dls.valid!.batchAt(0, 0)).inputs[0]!.data).toEqual(Int32Array.of(0, 0));
    const turned = await collabDataLoaders({ ...options, userName: "what", itemName: "who" });
    expect(turned.users).toEqual(["#na#", "p", "q"]);
    const same = await collabDataLoaders({ ...options, source: source.map((row) => ({ ...row, much: 4 })) });
    expect(same.yRange).toEqual([3.5, 4.5]);
    expect((await collabDataLoaders({ ...options, yRange: [0, 6] })).yRange).toEqual([0, 6]);
    expect((await collabDataLoaders({ ...options, yRange: [-2, -1] })).yRange).toEqual([-2, -1]);
  });

  it.each<[unknown, string]>([
    [[1, 1], "[1, 1]"],
    [[2, 1], "[2, 1]"],
    [[Number.NaN, 1], "[NaN, 1]"],
    [[0, Number.NaN], "[0, NaN]"],
    [[Number.NEGATIVE_INFINITY, 1], "[-Infinity, 1]"],
    [[0, Number.POSITIVE_INFINITY], "[0, Infinity]"],
  ])("has no range %j", async (yRange, got) => {
    await expect(collabDataLoaders({ ...options, yRange: yRange as never })).rejects.toThrow(
      `yRange: expected two finite numbers, the lesser first, got ${got}`,
    );
  });

  it("needs three columns, or their names", async () => {
    for (const [row, count] of [
      [{ a: 1 }, 1],
      [{ a: 1, b: 2 }, 2],
    ] as const) {
      await expect(collabDataLoaders({ source: [row, row] })).rejects.toThrow(
        `rows: expected three columns: user, item and rating, got ${count}`,
      );
    }
  });
});

describe("texts", () => {
  it.each([
    ["McDonald USA Hello I A3B B2B", "xxbos xxmaj mcdonald xxup usa xxmaj hello i xxup a3b xxup b2b"],
    ["𝐀𝐁 ab", "xxbos 𝐀𝐁 ab"],
    ["123 4", "xxbos 123 4"],
  ])("fall into tokens: %j", (text, tokens) => {
    expect(tokenizer()(text).join(" ")).toBe(tokens);
    const plain = tokens.replaceAll(/xx(maj|up) /g, "");
    expect(tokenizer({ caseTokens: false })(text).join(" ")).toBe(plain);
    expect(tokenizer({ locale: "en", caseTokens: true })(text).join(" ")).toBe(tokens);
  });

  it("have a language by its tag", () => {
    for (const locale of ["en", "de-CH", "ja"]) expect(tokenizer({ locale })("a")).toEqual(["xxbos", "a"]);
    for (const locale of ["", "no such", 7, ["en"], ["en", "de"], null]) {
      expect(() => tokenizer({ locale: locale as never })).toThrow(
        "tokenizer: expected locale to be a BCP 47 language tag",
      );
      expect(() => tokenizer({ locale: locale as never })).toThrow('try "en"');
    }
    expect(() => tokenizer({ caseTokens: 1 as never })).toThrow("expected caseTokens to be true or false");
  });

  const repeat = (token: string, n: number) => Array<string>(n).fill(token).join(" ");

  it("make a vocabulary: of tokens that occur thrice, unless told, the most frequent first", () => {
    const texts = [repeat("b", 3), repeat("a", 3), repeat("c", 2), repeat("d", 4)];
    const { spec } = TextProcessor.fit(texts);
    expect(spec.tokens.slice(5)).toEqual(["d", "a", "b"]);
    expect(spec).toMatchObject({
      kind: "text",
      version: 1,
      locale: "en",
      caseTokens: true,
      padFirst: true,
      vocab: [],
      maxLength: 8,
    });
    expect(TextProcessor.fit(texts, { minFreq: 4 }).spec.tokens.slice(5)).toEqual(["d"]);
    expect(TextProcessor.fit(texts, { minFreq: 2, vocabSize: 7, vocab: ["x"] }).spec).toMatchObject({
      vocab: ["x"],
    });
    expect(TextProcessor.fit(texts, { minFreq: 2, vocabSize: 7 }).spec.tokens.slice(5)).toEqual(["d", "a"]);
    expect(TextProcessor.fit(texts, { vocabSize: 5 }).spec.tokens).toHaveLength(5);
    expect(TextProcessor.fit([]).spec).toMatchObject({ maxLength: 8 });
    // `xxbos` stands first in every text, and is no token of the texts.
    expect(TextProcessor.fit(["A", "A", "B", "C"], { minFreq: 1 }).spec.tokens.slice(5)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("are as long as the longest, in eights, up to 256, unless told", () => {
    for (const [words, length] of [
      [7, 8],
      [8, 16],
      [15, 16],
      [254, 256],
      [255, 256],
      [256, 256],
      [900, 256],
    ] as const) {
      expect(TextProcessor.fit(["x", repeat("w", words)]).spec.maxLength).toBe(length);
    }
    expect(TextProcessor.fit([repeat("w", 900)], { maxLength: 300 }).spec.maxLength).toBe(300);
    expect(TextProcessor.fit(["w"], { maxLength: 1 }).spec.maxLength).toBe(1);
  });

  it("are padded before or behind, and cut at their end", () => {
    const texts = ["a b", "a b c d e f", ""];
    const first = TextProcessor.fit(texts, { minFreq: 1, maxLength: 4 });
    expect(first.inputs(texts)).toEqual({
      dtype: "int32",
      shape: [3, 4],
      data: Int32Array.of(1, 2, 5, 6, 2, 5, 6, 7, 1, 1, 1, 2),
    });
    const last = TextProcessor.fit(texts, { minFreq: 1, maxLength: 4, padFirst: false });
    expect([...last.inputs(["a b"]).data]).toEqual([2, 5, 6, 1]);
    expect(first.encode("b zebra")).toEqual([2, 6, 0]);
    expect(first.decode(Int32Array.of(1, 2, 5, 99, 0))).toEqual(["xxbos", "a", "xxunk", "xxunk"]);
    expect(first.process("a")).toEqual(first.processText("a"));
    for (const text of [null, 1, ["a"], undefined]) {
      expect(() => first.processText(text as never)).toThrow("processText: expected a text, got ");
      expect(() => first.encode(text as never)).toThrow("TextProcessor.encode: expected text to be a string");
    }
    expect(() => first.inputs(["a", 1] as never)).toThrow("TextProcessor.inputs: expected texts to be");
    expect(() => first.decode("12" as never)).toThrow("TextProcessor.decode: expected indices to be");
  });

  it.each<[object, string]>([
    [{ minFreq: 0 }, "minFreq: expected an integer of at least 1, got 0"],
    [{ vocabSize: 4 }, "vocabSize: expected an integer of at least 5, got 4"],
    [{ maxLength: 0 }, "maxLength: expected an integer of at least 1, got 0"],
    [{ padFirst: 1 }, "TextProcessor.fit: expected padFirst to be true or false, got 1"],
    [{ vocab: [1] }, "TextProcessor.fit: expected vocab to be"],
    [{ words: 1 }, "TextProcessor.fit: expected a known option"],
  ])("are not fitted with %o", (options, message) => {
    expect(() => TextProcessor.fit(["a"], options)).toThrow(DataError);
    expect(() => TextProcessor.fit(["a"], options)).toThrow(message);
  });

  it("are a list of texts", () => {
    for (const texts of [null, undefined, "ab", 3, {}]) {
      expect(() => TextProcessor.fit(texts as never)).toThrow(
        "TextProcessor.fit: expected texts to be texts, got ",
      );
    }
    expect(() => TextProcessor.fit(["a", 3] as never)).toThrow(
      "TextProcessor.fit: expected each text to be a string, got 3",
    );
    expect(TextProcessor.fit(new Set(["a"])).spec.maxLength).toBe(8);
  });

  it.each<[string, unknown[]]>([
    ["kind", ["tabular", undefined]],
    ["version", [2, "1"]],
    ["locale", [1, undefined]],
    ["caseTokens", ["true", undefined]],
    ["padFirst", [1, undefined]],
    ["maxLength", [0, -1, 1.5, "8", undefined]],
    [
      "tokens",
      [
        "a",
        ["a"],
        ["xxunk", "xxpad", "xxbos", "xxmaj"],
        ["xxpad", "xxunk", "xxbos", "xxmaj", "xxup"],
        ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup", 1],
      ],
    ],
    ["vocab", ["a", [1], undefined]],
  ])("are read from no JSON of another %s", (field, values) => {
    const json = JSON.parse(JSON.stringify(TextProcessor.fit(["a"], { vocab: ["x"] })));
    expect(TextProcessor.fromJSON(json).spec).toEqual(json);
    expect(TextProcessor.fromJSON({ ...json, maxLength: 1 }).spec.maxLength).toBe(1);
    for (const value of values) {
      expect(() => TextProcessor.fromJSON({ ...json, [field]: value })).toThrow(
        `TextProcessor.fromJSON: expected the JSON of a TextProcessor, with its ${field}, got ${field} `,
      );
    }
    for (const value of [null, 3, "text"]) {
      expect(() => TextProcessor.fromJSON(value)).toThrow("with its kind, got kind undefined");
    }
  });

  it("have loaders with what a model needs", async () => {
    const source = [
      { text: "a b", label: "x" },
      { text: "a c", label: "y" },
    ];
    const dls = await textDataLoaders({
      source,
      validPct: 0,
      batchSize: 2,
      minFreq: 1,
      maxLength: 5,
      locale: "de",
      caseTokens: false,
      padFirst: false,
      vocabSize: 6,
    });
    expect(dls).toMatchObject({
      tokens: ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup", "a"],
      maxLength: 5,
      padIndex: 1,
      vocab: ["x", "y"],
      warnings: [],
    });
    expect(dls.processor.spec).toMatchObject({ locale: "de", caseTokens: false, padFirst: false });
    expect(dls.train.dataset.processor).toBe(dls.processor);
    const other = await textDataLoaders({
      source: source.map(({ text, label }) => ({ a: text, b: label })),
      textCol: "a",
      labelCol: "b",
      validPct: 0,
      batchSize: 2,
    });
    expect(other.tokens).toHaveLength(5);
    for (const text of [1, null, undefined, true]) {
      await expect(
        textDataLoaders({
          source: [
            { text: "a", label: 1 },
            { text, label: 1 },
          ],
        }),
      ).rejects.toThrow('rows, row 2, column "text": expected a text, got ');
    }
  });
});
