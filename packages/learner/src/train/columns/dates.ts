import { DataError } from "../../data/internal.js";
import { type ColumnContext, FEW, shown, type Understood } from "./context.js";
import { type DateForm, dateForms } from "./date-form.js";

/** A column of dates; undefined for one that is none. */
export function understandDates(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  context: ColumnContext,
): Understood | undefined {
  if (present.every((value) => value instanceof Date))
    return { spec: { kind: "date", order: "ymd" }, words: "date: its parts" };
  if (!present.every((value) => typeof value === "string")) return undefined;
  const forms = dateForms(distinct);
  if (forms.length === 0) return undefined;
  const { order, said } = chosen(forms, String(present[0]), context);
  const how = order === "dmy" ? ", days first" : order === "mdy" ? ", months first" : "";
  return {
    spec: { kind: "date", order },
    words: `date${how}${said}: its parts`,
    ...(said === "" && (order === "dmy" || order === "mdy") ? { evidence: { dates: order } } : {}),
  };
}

function chosen(
  forms: readonly DateForm[],
  example: string,
  { dates, others, where }: ColumnContext,
): DateForm & { readonly said: string } {
  if (forms.length === 1) return { ...forms[0]!, said: "" };
  const order = dates ?? others?.dates;
  if (order !== undefined) return { order, said: dates ? "" : ", as in other columns (--dates)" };
  throw new DataError({
    where,
    expected: "dates of which one tells days from months",
    got: `only such as ${shown(example)}`,
    hint: '--dates dmy, or --dates mdy (dates: "dmy")',
  });
}

/** Dates but for a few cells, or in several ways of writing, would become names that nobody wants. */
export function refuseAlmostDates(present: readonly unknown[], { where, name }: ColumnContext): void {
  const isDate = (value: unknown) => typeof value === "string" && dateForms([value]).length > 0;
  // Most columns are told by their first cells.
  const first = present.slice(0, 100);
  if (present.length < FEW || first.filter(isDate).length < 0.5 * first.length) return;
  const odd = present.filter((value) => !isDate(value)).map(String);
  if (odd.length > 0.1 * present.length) return;
  throw new DataError({
    where,
    expected: odd.length === 0 ? "dates in one way of writing" : "dates, as most of its cells are",
    got: odd.length === 0 ? twoWays(present.map(String)) : shown(odd[0]!),
    hint:
      odd.length === 0
        ? `--types '${name}=category', or --ignore '${name}'`
        : `--missing ${shown(odd[0]!)} to take it for missing, or --types '${name}=category'`,
  });
}

/** The first text, and the first that is written otherwise. */
function twoWays(texts: readonly string[]): string {
  for (let count = 1; count <= texts.length; count++) {
    if (dateForms(texts.slice(0, count)).length === 0)
      return `${shown(texts[0]!)} beside ${shown(texts[count - 1]!)}`;
  }
  return shown(texts[0]!);
}
