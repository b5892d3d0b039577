import { DataError } from "../../data/internal.js";
import { type ColumnContext, left, shown, type Understood } from "./context.js";
import { dateForms } from "./date-form.js";
import { refuseAlmostDates, understandDates } from "./dates.js";
import { category, understandNames } from "./names.js";
import { numberForms } from "./number-form.js";
import { refuseAlmostNumbers, understandNumbers } from "./numbers.js";
import { missingWords, presentOf } from "./present.js";

/**
 * What a column holds, judged by all of its values.
 *
 * @throws DataError where it cannot be told, and a guess would misread in silence.
 */
export function understand(column: readonly unknown[], context: ColumnContext): Understood {
  if (context.asked === "ignore") return left("asked for", "left out, as asked for");
  const present = presentOf(column, context.missing);
  if (present.values.length === 0) return left("no value", "no value at all: left out");
  const understood = kindOf(present.values, context);
  if (understood.spec.kind === "ignore") return understood;
  return { ...understood, words: `${understood.words}${missingWords(present)}` };
}

function kindOf(present: readonly unknown[], context: ColumnContext): Understood {
  const { asked } = context;
  const nested = present.find(isNested);
  if (nested !== undefined) return nestedColumn(nested, context);
  const distinct = new Set(present.map((value) => (typeof value === "string" ? value : String(value))));
  if (distinct.size === 1 && asked === undefined)
    return left("constant", `always ${shown([...distinct][0]!)}: left out`);
  if (asked === "category") return category(distinct);
  if (asked === "text") return { spec: { kind: "text" }, words: "text" };
  if (asked === "date") {
    const isDate = (text: string) => dateForms([text]).length > 0;
    return (
      understandDates(present, distinct, context) ??
      fail(context, { expected: "dates", present, fits: isDate })
    );
  }
  if (present.every((value) => typeof value === "boolean")) return category(distinct);
  const numbers = understandNumbers(present, distinct, context);
  if (numbers !== undefined) return numbers;
  if (asked === "number") {
    const isNumber = (text: string) => numberForms([text]).length > 0;
    return fail(context, { expected: "numbers", present, fits: isNumber });
  }
  const dates = understandDates(present, distinct, context);
  if (dates !== undefined) return dates;
  if (asked === undefined) {
    refuseAlmostNumbers(present, context);
    refuseAlmostDates(present, context);
  }
  return understandNames(present, distinct, context);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && !(value instanceof Date);
}

function nestedColumn(value: unknown, { asked, where }: ColumnContext): Understood {
  const what = Array.isArray(value) ? "lists" : "objects";
  if (asked === undefined) return left("nested", `${what}: left out`);
  throw new DataError({ where, expected: "numbers or texts", got: what, hint: "columns of their own" });
}

function fail(
  { where, name }: ColumnContext,
  {
    expected,
    present,
    fits,
  }: {
    readonly expected: string;
    readonly present: readonly unknown[];
    fits(text: string): boolean;
  },
): never {
  const odd = present.map(String).find((text) => !fits(text));
  const got = odd === undefined ? "several ways of writing them" : shown(odd);
  const hint = `--missing ${shown(odd ?? "TEXT")} to take it for missing, or --types '${name}=category'`;
  throw new DataError({
    where,
    expected: `${expected}, as asked for`,
    got,
    hint: odd === undefined ? undefined : hint,
  });
}
