import type { Tensor } from "@lrfind/engine";
import type { Processor } from "../batch/processor.js";
import { checkRows } from "../batch/rows.js";
import { type Check, check, rowNumbers } from "../checks.js";
import { DataError } from "../errors.js";
import { categoryIndex } from "./categories.js";
import { classIndices, missingTarget } from "./class-indices.js";
import { embeddingSize } from "./embedding-size.js";
import { isMissing, missingTexts, toNumber } from "./raw-value.js";
import type { TableRow } from "./read-table.js";
import { cellName, columnOf, TABLE, type Table } from "./table.js";
import { fitTabular, notANumber, type TabularFitOptions } from "./tabular-fit.js";
import { checkTabularSpec, type TabularSpec } from "./tabular-spec.js";

const ROW: Check = {
  expected: "a row, an object with a value for each column",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** The number of categories of a column, `#na#` among them, and the width of its embedding. */
export type EmbeddingSize = readonly [categories: number, width: number];

/**
 * Turns raw rows into the inputs of a tabular model. It is fitted on training rows and is plain data in JSON.
 *
 * @example
 * ```ts
 * const processor = TabularProcessor.fromJSON(JSON.parse(await readFile("processor.json", "utf8")));
 * const inputs = processor.processRow({ island: "Biscoe", bill_length_mm: 46.1, bill_depth_mm: null });
 * ```
 */
export class TabularProcessor implements Processor<TableRow> {
  readonly kind = "tabular";
  /** What was learnt from the training part. */
  readonly spec: TabularSpec;
  readonly #missing: ReadonlySet<string>;
  readonly #codes: ReadonlyMap<string, ReturnType<typeof categoryIndex>>;
  readonly #flagged: ReadonlySet<string>;

  private constructor(spec: TabularSpec) {
    this.spec = spec;
    this.#missing = missingTexts(spec.missing);
    this.#codes = new Map(
      spec.catNames.map((name) => [name, categoryIndex(spec.categories[name]!, { first: 1 })]),
    );
    this.#flagged = new Set(spec.flagged ?? Object.keys(spec.medians));
  }

  /**
   * Learns from training rows.
   *
   * @param table - As `readTable` gives it.
   * @param train - The training rows; no other row has any influence, but on which columns get a median.
   * @param options - See `TabularFitOptions`.
   * @throws DataError if a column is not there or used twice, or a training value does not fit its column.
   */
  static fit(table: Table, train: ArrayLike<number>, options: TabularFitOptions): TabularProcessor {
    check("TabularProcessor.fit", "table", table, TABLE);
    check("TabularProcessor.fit", "train", train, rowNumbers);
    checkRows("TabularProcessor.fit: train", train, table.length);
    return new TabularProcessor(fitTabular(table, train, options));
  }

  /**
   * Reads back what `toJSON` gave.
   *
   * @throws DataError if the value is not the JSON of a `TabularProcessor`.
   */
  static fromJSON(json: unknown): TabularProcessor {
    return new TabularProcessor(checkTabularSpec(json));
  }

  toJSON(): TabularSpec {
    return this.spec;
  }

  /** For each of `spec.catNames`, in this order. */
  get embeddingSizes(): readonly EmbeddingSize[] {
    const { catNames, categories } = this.spec;
    return catNames.map((name) => [categories[name]!.length, embeddingSize(categories[name]!.length)]);
  }

  /**
   * The inputs of a whole table: int32 [rows, categorical columns], then float32 [rows, continuous columns]; the
   * one of no column is left out.
   *
   * @throws DataError if a column is not there, or a value does not fit, naming the cell.
   */
  inputs(table: Table): readonly Tensor[] {
    check("TabularProcessor.inputs", "table", table, TABLE);
    const { catNames, contNames } = this.spec;
    const n = table.length;
    const cat = new Int32Array(n * catNames.length);
    for (const [c, name] of catNames.entries()) {
      const source = this.#isFlag(name) ? name.slice(0, -"_na".length) : name;
      const values = columnOf(table, source);
      const indexOf = this.#codes.get(name)!;
      for (let row = 0; row < n; row++) {
        const at = row * catNames.length + c;
        const missing = isMissing(values[row], this.#missing);
        if (source !== name) cat[at] = missing ? 2 : 1;
        else if (!missing) cat[at] = indexOf(values[row], cellName(table, row, name)) ?? 0;
      }
    }
    const cont = new Float32Array(n * contNames.length);
    for (const [c, name] of contNames.entries()) {
      const values = columnOf(table, name);
      for (let row = 0; row < n; row++) {
        cont[row * contNames.length + c] = this.#continuous(table, row, name, values[row]);
      }
    }
    return [
      ...(catNames.length === 0 ? [] : [{ dtype: "int32", shape: [n, catNames.length], data: cat } as const]),
      ...(contNames.length === 0
        ? []
        : [{ dtype: "float32", shape: [n, contNames.length], data: cont } as const]),
    ];
  }

  /**
   * The targets of a whole table: int32 [rows] for a class, float32 [rows, target columns] for numbers.
   *
   * @throws DataError if a target is missing, is no number, or is a class that the training part does not have.
   */
  targets(table: Table): Tensor {
    check("TabularProcessor.targets", "table", table, TABLE);
    const { yNames, yBlock } = this.spec;
    const n = table.length;
    if (yBlock === "category") {
      const [column] = yNames as readonly [string];
      const origin = { table: table.name, column, missing: this.#missing };
      const data = classIndices(columnOf(table, column), this.spec.vocab ?? [], origin);
      return { dtype: "int32", shape: [n], data };
    }
    const data = new Float32Array(n * yNames.length);
    for (const [c, name] of yNames.entries()) {
      const values = columnOf(table, name);
      for (let row = 0; row < n; row++) {
        const value = values[row];
        if (isMissing(value, this.#missing)) throw missingTarget(cellName(table, row, name), value);
        const number = toNumber(value);
        if (number === undefined) throw notANumber(table, row, name, value);
        data[row * yNames.length + c] = number;
      }
    }
    return { dtype: "float32", shape: [n, yNames.length], data };
  }

  /**
   * The inputs of one raw row, as a batch of one.
   *
   * @param row - Has every input column as a key; a missing value is null.
   * @throws DataError if a column is not there, or a value does not fit it.
   */
  processRow(row: TableRow): readonly Tensor[] {
    check("TabularProcessor.processRow", "row", row, ROW);
    const columns = Object.keys(row);
    const values = new Map(columns.map((column) => [column, [row[column]]]));
    return this.inputs({ name: "row", length: 1, columns, values });
  }

  /** Same as `processRow`. */
  process(row: TableRow): readonly Tensor[] {
    return this.processRow(row);
  }

  /** Whether a categorical column is one that `fillMissing` added. */
  #isFlag(name: string): boolean {
    return name.endsWith("_na") && this.#flagged.has(name.slice(0, -"_na".length));
  }

  #continuous(table: Table, row: number, name: string, value: unknown): number {
    const { medians, means, stds } = this.spec;
    let number = toNumber(value);
    if (isMissing(value, this.#missing)) {
      if (!Object.hasOwn(medians, name)) {
        const expected = "a number, as the training part lacks none in this column";
        const hint = "a number, or training rows that lack one too";
        throw new DataError({ where: cellName(table, row, name), expected, got: "a missing value", hint });
      }
      number = medians[name]!;
    }
    if (number === undefined) throw notANumber(table, row, name, value);
    return Object.hasOwn(means, name) ? (number - means[name]!) / stds[name]! : number;
  }
}
