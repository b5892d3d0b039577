import { type ColumnContext, FEW, left, shown, type Understood } from "./context.js";

/** A text has at least as many words, on the average. */
const WORDS_OF_TEXT = 4;
/** Categories that hardly come back teach a model nothing. */
const MOST_CATEGORIES = 1000;
/** The part of a column's values that differ, above which they name the rows. */
const NEARLY_ALL = 0.9;

/** A column of names that come back. */
export function category(distinct: ReadonlySet<string>): Understood {
  const names = [...distinct];
  const some = names.length <= 4 ? ` (${names.map(shown).join(", ")})` : "";
  return { spec: { kind: "category" }, words: `category of ${names.length}${some}` };
}

/** A column of texts: sentences, names that come back, or names of the rows. */
export function understandNames(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  { asked }: ColumnContext,
): Understood {
  const count =
    present.reduce<number>((sum, value) => sum + String(value).split(/\s+/).length, 0) / present.length;
  const isVaried = distinct.size > present.length / 2;
  if (count >= WORDS_OF_TEXT && isVaried && distinct.size > FEW)
    return { spec: { kind: "text" }, words: "text" };
  if (asked !== undefined || distinct.size <= FEW) return category(distinct);
  if (distinct.size === present.length)
    return left(
      "identifier",
      `an identifier, another for each row, as ${shown([...distinct][0]!)}: left out`,
    );
  if (distinct.size > NEARLY_ALL * present.length)
    return left(
      "identifier",
      `an identifier, another for nearly each row, as ${shown([...distinct][0]!)}: left out`,
    );
  if (distinct.size > MOST_CATEGORIES && isVaried)
    return left("too many categories", `${distinct.size} names that hardly come back: left out`);
  return category(distinct);
}
