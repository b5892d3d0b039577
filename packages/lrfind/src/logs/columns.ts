import { didYouMean } from "../core/index.js";
import { LogError } from "./errors.js";
import type { Cell, LogTable } from "./log-table.js";
import { isRateName, lossDistance, stepRank } from "./names.js";

/** What a reader may say about columns, by name; a sum of several losses as `"box + cls"`. */
export interface ColumnNames {
  readonly lr?: string | undefined;
  readonly loss?: string | undefined;
  readonly step?: string | undefined;
}

/** A column, or a sum of some. */
export interface Column {
  readonly name: string;
  readonly cells: readonly Cell[];
  /** What the reader should know of the choice. */
  readonly note?: string;
}

/** The parts of a table that a curve is made of; what it does not hold is undefined. */
export interface Roles {
  readonly lr: Column | undefined;
  readonly loss: Column | undefined;
  readonly step: Column | undefined;
}

/**
 * Which column holds what: by the names given, else by what the columns are called.
 *
 * @param file - The file's name, for errors.
 * @throws {LogError} where several columns could be the loss.
 */
export function rolesOf(table: LogTable, given: ColumnNames, file: string): Roles {
  const { columns } = table;
  const lr = given.lr === undefined ? rateOf(columns) : columnNamed(columns, given.lr);
  const loss = given.loss === undefined ? lossOf(table, file) : sumOf(columns, given.loss);
  const step = given.step === undefined ? stepOf(columns) : columnNamed(columns, given.step);
  return { lr, loss, step };
}

type Columns = LogTable["columns"];

function columnNamed(columns: Columns, name: string): Column | undefined {
  const cells = columns.get(name);
  return cells && { name, cells };
}

/** Throws unless every name that was given is that of a column in one of the tables. */
export function checkNames(given: ColumnNames, tables: readonly LogTable[]): void {
  const known = [...new Set(tables.flatMap(({ columns }) => [...columns.keys()]))];
  for (const [option, name] of Object.entries(given)) {
    if (name === undefined) continue;
    const names = option === "loss" && !known.includes(name) ? partsOf(name) : [name];
    const missing = names.find((part) => !known.includes(part));
    if (missing === undefined) continue;
    throw new LogError(option === "loss" ? "noLoss" : "noRate", {
      where: option,
      expected: `the name of a column: ${known.slice(0, 30).join(", ")}${known.length > 30 ? ", …" : ""}`,
      got: JSON.stringify(missing),
      hint: didYouMean(missing, known),
    });
  }
}

function partsOf(name: string): string[] {
  return name.split("+").map((part) => part.trim());
}

function sumOf(columns: Columns, name: string): Column | undefined {
  const whole = columnNamed(columns, name);
  if (whole !== undefined || !name.includes("+")) return whole;
  const parts = partsOf(name).map((part) => columns.get(part));
  return parts.every((part) => part !== undefined) ? { name, cells: summed(parts) } : undefined;
}

/** The sum of columns, in the rows that have all of them. */
function summed(parts: readonly (readonly Cell[])[]): Cell[] {
  return parts[0]!.map((_, row) =>
    parts.reduce<Cell>((sum, part) => {
      const cell = part[row];
      return sum === undefined || cell === undefined ? undefined : sum + cell;
    }, 0),
  );
}

function count(cells: readonly Cell[]): number {
  return cells.reduce<number>((sum, cell) => sum + (cell === undefined ? 0 : 1), 0);
}

/** Of several groups' rates the last: that of the newest layers, as fastai records it. */
function rateOf(columns: Columns): Column | undefined {
  const names = [...columns.keys()].filter(isRateName);
  const name = names.at(-1);
  if (name === undefined) return undefined;
  const note = names.length === 1 ? {} : { note: `Of the rates ${names.join(", ")} the last is taken.` };
  return { name, cells: columns.get(name)!, ...note };
}

function stepOf(columns: Columns): Column | undefined {
  const ranked = [...columns.keys()].flatMap((name) => {
    const rank = stepRank(name);
    return rank === undefined ? [] : { name, rank };
  });
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked[0] && { name: ranked[0].name, cells: columns.get(ranked[0].name)! };
}

/** Of the columns that are nearest to the loss of a step the one with the most values; parts of one loss are summed. */
function lossOf({ columns }: LogTable, file: string): Column | undefined {
  const losses = [...columns.keys()].flatMap((name) => {
    const distance = lossDistance(name);
    return distance === undefined ? [] : { name, distance, size: count(columns.get(name)!) };
  });
  losses.sort((a, b) => a.distance - b.distance || b.size - a.size);
  const [best] = losses;
  if (best === undefined) return undefined;
  const equals = losses.filter(({ distance, size }) => distance === best.distance && size === best.size);
  const names = equals.map(({ name }) => name);
  if (names.length === 1) {
    const note =
      losses.length === 1
        ? {}
        : { note: `The loss is "${best.name}", of ${losses.length} that were recorded.` };
    return { name: best.name, cells: columns.get(best.name)!, ...note };
  }
  if (best.distance > 0 && best.distance < 10) {
    const name = names.join(" + ");
    return {
      name,
      cells: summed(names.map((part) => columns.get(part)!)),
      note: `The loss is the sum of its parts, ${name}.`,
    };
  }
  throw new LogError("noLoss", {
    where: file,
    expected: "one column with the loss",
    got: names.map((name) => JSON.stringify(name)).join(" and "),
    hint: `loss: ${JSON.stringify(names[0])}`,
  });
}
