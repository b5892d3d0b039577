import { sortCategories, toCategory } from "./raw-value.js";

/**
 * What the categories of a column are, which says when two values are the same:
 *
 * - `number`: all are numbers. Numbers compare as numbers: `2`, `"2.0"` and `2n` are one category.
 * - `boolean`: all are true or false, each in one spelling. `true` and `"True"` are one category.
 * - `text`: anything else. Texts compare exactly, but for white space around them: a column that has both `True` and
 *   `true` has two categories, as have `7` and `007`.
 */
export type CategoryKind = "number" | "boolean" | "text";

/**
 * The categories of some values, each in the spelling in which it occurs, sorted.
 *
 * @param spellings - The values as `toCategory` gives them.
 */
export function categoriesOf(spellings: Iterable<string>): string[] {
  const all = [...new Set(spellings)];
  const kind = kindOf(all);
  const byKey = new Map<string, string>();
  for (const spelling of all) {
    const key = keyOf(kind, spelling)!;
    const known = byKey.get(key);
    // The shortest of several spellings of a number, so that the order of the rows does not matter.
    if (known === undefined || isBefore(spelling, known)) byKey.set(key, spelling);
  }
  return sortCategories(byKey.values());
}

/**
 * The index of a raw value among categories, by value: see `CategoryKind`. Undefined for one that is none of them.
 *
 * @param categories - As `categoriesOf` gives them.
 * @param options.first - The index of the first that values may have: 1, where `#na#` comes before them.
 */
export function categoryIndex(
  categories: readonly string[],
  { first = 0 }: { readonly first?: 0 | 1 } = {},
): (value: unknown, where: string) => number | undefined {
  const named = categories.map((name, i) => [name, i] as const).slice(first);
  const kind = kindOf(named.map(([name]) => name));
  const indices = new Map(named.map(([name, i]) => [keyOf(kind, name)!, i]));
  const exact = new Map(named);
  return (value, where) => {
    const text = toCategory(value, where);
    const index = exact.get(text);
    if (index !== undefined || kind === "text") return index;
    const key = keyOf(kind, text);
    return key === undefined ? undefined : indices.get(key);
  };
}

function kindOf(categories: readonly string[]): CategoryKind {
  if (categories.length === 0) return "text";
  if (categories.every((name) => decimal(name) !== undefined)) return "number";
  const truths = categories.map(truth);
  const isBoolean = !truths.includes(undefined) && new Set(truths).size === truths.length;
  return isBoolean ? "boolean" : "text";
}

/** What equal values have in common; undefined for a value that is not of the kind. */
function keyOf(kind: CategoryKind, text: string): string | undefined {
  return kind === "number" ? decimal(text) : kind === "boolean" ? truth(text) : text;
}

function truth(text: string): string | undefined {
  const lower = text.toLowerCase();
  return lower === "true" || lower === "false" ? lower : undefined;
}

/**
 * A decimal number in one form: integers exactly, as identifiers of 20 digits must not become one as floats do.
 * Undefined for other texts, and for `007`: what begins with a zero that says nothing is a code and not a number.
 */
function decimal(text: string): string | undefined {
  const match = /^([+-]?)(0|[1-9]\d*)?(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (match === null || whole + fraction === "") return undefined;
  let digits = whole + fraction;
  let point = whole.length + Number(exponent);
  if (point < 0) {
    digits = "0".repeat(-point) + digits;
    point = 0;
  }
  digits = digits.padEnd(point, "0");
  const integer = digits.slice(0, point).replace(/^0+/, "") || "0";
  const rest = digits.slice(point).replace(/0+$/, "");
  // Fractions are floats wherever they come from: one may be written with more digits than it has.
  const number = rest === "" ? integer : String(Number(`${integer}.${rest}`));
  return sign === "-" && number !== "0" ? `-${number}` : number;
}

function isBefore(a: string, b: string): boolean {
  return a.length < b.length || (a.length === b.length && a < b);
}
