import type { ShapeContext, ShapeRule } from "../shape-rule.js";
import { inputAt, shapeError } from "../shape-rule.js";

/** An Einsum equation with one label per dimension. */
export interface EinsumEquation {
  /** Labels of each input's dimensions. */
  readonly terms: readonly (readonly string[])[];
  /** Labels of the output's dimensions. */
  readonly output: readonly string[];
  /** Size of the dimensions with each label. */
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Reads the equation of an Einsum node. The dimensions behind an ellipsis get letters that the equation does not
 * use; without `->` the output has the labels that occur once, in alphabetical order, after the ellipsis.
 *
 * @throws {OnnxError} when the equation is malformed or does not fit the inputs.
 */
export function einsumEquation(context: ShapeContext): EinsumEquation {
  const equation = context.attributes["equation"];
  if (typeof equation !== "string") throw shapeError(context, "an equation");
  const text = equation.replaceAll(" ", "");
  const [left = "", right] = text.split("->");
  const written = left.split(",");
  if (written.length !== context.inputs.length) {
    throw shapeError(context, `${written.length} input(s) for the equation "${text}"`);
  }
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];
  const spare = letters.filter((letter) => !text.includes(letter));
  const hiddenRanks = written.flatMap((term, i) =>
    term.includes("...") ? [inputAt(context, i).shape.length - (term.length - 3)] : [],
  );
  const hidden = hiddenRanks[0] ?? 0;
  if (hidden < 0 || hidden > spare.length || hiddenRanks.some((rank) => rank !== hidden)) {
    throw shapeError(context, `as many dimensions behind each ellipsis of "${text}"`);
  }
  const ellipsis = spare.slice(0, hidden);
  const spell = (term: string) =>
    term.split("...").flatMap((part, i) => (i === 0 ? [...part] : [...ellipsis, ...part]));
  const terms = written.map(spell);
  const sizes = new Map<string, number>();
  terms.forEach((labels, i) => {
    const { shape } = inputAt(context, i);
    if (labels.length !== shape.length || labels.some((label) => !letters.includes(label))) {
      throw shapeError(context, `input number ${i} to have the dimensions "${written[i]}" of "${text}"`);
    }
    labels.forEach((label, d) => {
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && shape[d] !== 1 && shape[d] !== known) {
        throw shapeError(context, `one size for "${label}" in "${text}"`);
      }
      sizes.set(label, known === 1 ? shape[d]! : known);
    });
  });
  const output = right === undefined ? implicitOutput(terms, ellipsis) : spell(right);
  if (output.some((label) => !sizes.has(label)) || new Set(output).size !== output.length) {
    throw shapeError(context, `an output of distinct labels of the inputs in "${text}"`);
  }
  return { terms, output, sizes };
}

function implicitOutput(terms: readonly (readonly string[])[], ellipsis: readonly string[]): string[] {
  const all = terms.flat();
  const once = all.filter(
    (label) => !ellipsis.includes(label) && all.indexOf(label) === all.lastIndexOf(label),
  );
  return [...ellipsis, ...once.sort()];
}

const einsum: ShapeRule = (context) => {
  const { output, sizes } = einsumEquation(context);
  return [{ dtype: inputAt(context, 0).dtype, shape: output.map((label) => sizes.get(label)!) }];
};

/** Shape rule of Einstein summation. */
export const einsumShapes = { Einsum: einsum } satisfies Record<string, ShapeRule>;
