import { check, classes as classesCheck, rowNumbers } from "./checks.js";
import { DataError, describe } from "./errors.js";

/** Beyond this a label is an identifier or an accident, and names for all up to it would take the memory. */
const MOST_UNNAMED = 2 ** 20;

/**
 * Checks class labels and names the classes.
 *
 * @param labels - Class indices.
 * @param classes - The classes' names, or their number (then they are named "0", "1", …). Default: one more
 *   than the largest label. Up to 2²⁰ where they are not named.
 * @returns The labels as int32 (so that no graph input needs BigInt) and the names.
 * @throws DataError if a label is not the index of a class.
 *
 * @example
 * ```ts
 * classLabels([0, 1, 1], ["cat", "dog"]); // { labels: Int32Array [0, 1, 1], vocab: ["cat", "dog"] }
 * ```
 */
export function classLabels(
  labels: ArrayLike<number>,
  classes?: readonly string[] | number,
): { readonly labels: Int32Array; readonly vocab: readonly string[] } {
  check("classLabels", "labels", labels, rowNumbers);
  if (classes !== undefined) check("classLabels", "classes", classes, classesCheck);
  const checked = new Int32Array(labels.length);
  const count = typeof classes === "number" ? classes : (classes?.length ?? Number.POSITIVE_INFINITY);
  if (typeof classes === "number" && (!Number.isInteger(classes) || classes < 1)) {
    throw new DataError({
      where: "classes",
      expected: "a positive integer or names",
      got: describe(classes),
    });
  }
  let largest = -1;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= count || label > 0x7fffffff) {
      throw new DataError({
        where: "labels",
        expected:
          count === Number.POSITIVE_INFINITY ? "class indices from 0" : `class indices 0 … ${count - 1}`,
        got: `${describe(label)} at index ${i}`,
      });
    }
    checked[i] = label;
    if (label > largest) largest = label;
  }
  return { labels: checked, vocab: typeof classes === "object" ? [...classes] : numbered(classes, largest) };
}

function numbered(classes: number | undefined, largest: number): string[] {
  const count = classes ?? largest + 1;
  if (count > MOST_UNNAMED) {
    const expected = `at most ${MOST_UNNAMED} classes without names`;
    const got = classes === undefined ? `a label of ${largest}` : describe(classes);
    throw new DataError({
      where: "labels",
      expected,
      got,
      hint: "the classes' names, and labels without gaps",
    });
  }
  return Array.from({ length: count }, (_, i) => `${i}`);
}
