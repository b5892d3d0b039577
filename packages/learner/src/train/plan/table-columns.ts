import { LrfindError } from "lrfind/core";
import type { Table } from "../../data/index.js";
import type { ColumnKind } from "../columns/column-spec.js";
import type { Evidence, Understood } from "../columns/context.js";
import { understand } from "../columns/understand.js";
import type { TrainDataOptions } from "../options.js";
import { targetKind } from "./target.js";

/**
 * What each column is taken for, by name. A table is written in one way: what a column does not tell of decimals and
 * dates, the others may.
 *
 * @throws DataError for a column that cannot be understood without a guess.
 */
export function understandColumns(
  table: Table,
  target: string,
  {
    options,
    missing,
    delimiter,
  }: {
    readonly options: TrainDataOptions;
    readonly missing: ReadonlySet<string>;
    readonly delimiter: string | undefined;
  },
): ReadonlyMap<string, Understood> {
  const asked = new Map(table.columns.map((name) => [name, kindAsked(name)]));
  const look = (name: string, others?: Evidence): Understood =>
    understand(table.values.get(name)!, {
      where: `${table.name}, column ${JSON.stringify(name)}`,
      name,
      missing,
      asked: asked.get(name),
      decimal: options.decimal,
      dates: options.dates,
      usual: delimiter === ";" ? undefined : ".",
      others,
    });
  const first = new Map(table.columns.map((name) => [name, attempted(() => look(name))]));
  const others = evidenceOf([...first.values()]);
  return new Map(
    Array.from(first, ([name, understood]) => {
      // What was refused alone may be told by the others; points are thousands beside decimal commas.
      return [name, understood === undefined || understood.isOpen ? look(name, others) : understood];
    }),
  );

  function kindAsked(name: string): ColumnKind | undefined {
    if (options.ignore?.includes(name)) return "ignore";
    const { types = {}, task } = options;
    if (Object.hasOwn(types, name)) return types[name];
    // A target may be constant, or another for each row: that is said of it as a target.
    return name === target ? targetKind(table, name, { missing, task }) : undefined;
  }
}

function attempted(look: () => Understood): Understood | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof LrfindError) return undefined;
    throw error;
  }
}

/** What all columns that tell something agree on. */
function evidenceOf(columns: readonly (Understood | undefined)[]): Evidence {
  const agreed = <K extends keyof Evidence>(key: K): Evidence[K] | undefined => {
    const told = new Set(columns.flatMap((column) => column?.evidence?.[key] ?? []));
    return told.size === 1 ? ([...told][0] as Evidence[K]) : undefined;
  };
  const [decimal, dates] = [agreed("decimal"), agreed("dates")];
  return { ...(decimal && { decimal }), ...(dates && { dates }) };
}
