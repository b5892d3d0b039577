import { LogError } from "./errors.js";

/** A recorded number, NaN and infinities included; undefined where a row has none. */
export type Cell = number | undefined;

/** What a file says in rows of numbers, whatever its form. */
export interface LogTable {
  /** What wrote the file, in words: `"Keras's CSVLogger"`. */
  readonly format: string;
  /** Columns of equal length by name, in the file's order. */
  readonly columns: ReadonlyMap<string, readonly Cell[]>;
  /** The run, where a file holds several. */
  readonly run?: string;
  /** Whether a learning rate finder wrote it: such logs hold smoothed losses, as a rule. */
  readonly isFinders?: boolean;
  /** What the reader should know of how it was read. */
  readonly notes?: readonly string[];
}

/** More columns than any log has: names that are never the same again would fill the memory. */
const MAX_COLUMNS = 5000;

/** Collects rows, each of which may name other columns. */
export class TableMaker {
  readonly #columns = new Map<string, Cell[]>();
  readonly #file: string;
  #rows = 0;

  /** @param file - The file's name, for errors. */
  constructor(file: string) {
    this.#file = file;
  }

  get rows(): number {
    return this.#rows;
  }

  addRow(cells: Iterable<readonly [name: string, value: Cell]>): void {
    for (const [name, value] of cells) {
      if (value === undefined) continue;
      let column = this.#columns.get(name);
      if (column === undefined) {
        column = [];
        this.#columns.set(name, column);
        if (this.#columns.size > MAX_COLUMNS) {
          throw new LogError("unreadable", {
            where: this.#file,
            expected: `a log of at most ${MAX_COLUMNS} columns`,
            got: "more",
          });
        }
      }
      // Rows that did not name the column: holes would be taken for something else.
      while (column.length < this.#rows) column.push(undefined);
      column[this.#rows] = value;
    }
    this.#rows++;
  }

  finish(facts: Omit<LogTable, "columns">): LogTable {
    for (const column of this.#columns.values()) {
      while (column.length < this.#rows) column.push(undefined);
    }
    return { ...facts, columns: this.#columns };
  }
}

const NUMBERS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
};

/** Decimal, as programs print numbers: hexadecimal and the like are names, not numbers. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a value of a log stands for, NaN and infinities as the languages spell them; else undefined. */
export function cellOf(value: unknown): Cell {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  // Python prints a tensor of one number so.
  const text = value.trim().replace(/^tensor\(([^,()]{1,40})\)$/, "$1");
  if (text.length > 400) return undefined;
  return DECIMAL.test(text) ? Number(text) : NUMBERS[text.toLowerCase()];
}
