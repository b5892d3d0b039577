import { DataError } from "../../data/internal.js";
import { type ColumnContext, FEW, left, shown, type Understood } from "./context.js";
import { isAmbiguous, type NumberForm, numberForms, numberOf } from "./number-form.js";
import { commonUnit } from "./unit.js";

/** A column of numbers; undefined for one that is none. */
export function understandNumbers(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  context: ColumnContext,
): Understood | undefined {
  if (!present.every((value) => ["string", "number", "bigint"].includes(typeof value))) return undefined;
  const isTyped = present.every((value) => typeof value !== "string");
  // Each text once: what it is does not depend on how often it comes.
  const texts = isTyped ? [] : [...distinct];
  const written = isTyped ? { form: {}, texts } : (formOf(texts, context) ?? formWithUnit(texts, context));
  if (written === undefined) return undefined;
  const { form, said } = written;
  refuseInfinite(present, written.texts, context);
  if (form.percent) refuseMixedPercent(written.texts, context);
  if (context.asked === undefined && isNumbering(present, distinct, context))
    return left("identifier", "an identifier, another number for each row: left out");
  const how = [
    form.unit === undefined ? "" : `in ${form.unit}`,
    form.decimal === "," ? "decimal commas" : "",
    form.thousands === undefined ? "" : "thousands apart",
    form.percent ? "percent as parts of 1" : "",
    said ?? "",
  ].filter((part) => part !== "");
  const decimal = decimalOf(form, written.texts);
  return {
    spec: { kind: "number", ...form },
    words: `number${how.map((part) => `, ${part}`).join("")}`,
    ...(decimal && said === undefined ? { evidence: { decimal } } : {}),
    ...("isOpen" in written ? { isOpen: true as const } : {}),
  };
}

/** How numbers are written, their texts without a unit, and what decided it where they do not tell. */
interface Written {
  readonly form: NumberForm;
  readonly texts: readonly string[];
  readonly said?: string;
  readonly isOpen?: true;
}

function formWithUnit(texts: readonly string[], context: ColumnContext): Written | undefined {
  const counted = commonUnit(texts);
  const written = counted && formOf(counted.numbers, context);
  return written && { ...written, form: { ...written.form, unit: counted.unit } };
}

function formOf(texts: readonly string[], context: ColumnContext): Written | undefined {
  const { decimal: asked, others } = context;
  const decimal = asked ?? others?.decimal;
  const forms = numberForms(texts, decimal === "," ? { decimal } : {});
  if (forms.length === 0) return undefined;
  if (!isAmbiguous(forms, texts)) {
    const isOpen = decimal === undefined && mayBeThousands(forms[0]!, texts);
    if (!isOpen) return { form: forms[0]!, texts };
    if (context.usual === undefined) throw ambiguous(texts, context);
    return { form: forms[0]!, texts, said: "points taken for decimal ones (--decimal)", isOpen: true };
  }
  if (decimal === undefined) throw ambiguous(texts, context);
  const form = forms.find((one) => (one.decimal ?? ".") === decimal) ?? forms[0]!;
  return { form, texts, ...(asked === undefined && { said: "as in other columns (--decimal)" }) };
}

const GROUPS = /^\D?[1-9]\d{0,2}(?:\.\d{3})+%?$/;

/** Whether every point is one that may stand between thousands: `1.234`, and nothing like `1.5`. */
function mayBeThousands({ decimal, thousands }: NumberForm, texts: readonly string[]): boolean {
  if (decimal !== undefined || thousands !== undefined) return false;
  let points = 0;
  for (const text of texts) {
    if (!text.includes(".")) continue;
    if (!GROUPS.test(text)) return false;
    points++;
  }
  return points > 0;
}

/** What the texts tell of the decimals of others. */
function decimalOf(form: NumberForm, texts: readonly string[]): "." | "," | undefined {
  if (form.decimal === ",") return ",";
  if (form.thousands === ",") return ".";
  const hasPoint = form.thousands === undefined && texts.some((text) => text.includes("."));
  return hasPoint && !mayBeThousands(form, texts) ? "." : undefined;
}

function ambiguous(texts: readonly string[], { where }: ColumnContext): DataError {
  const example = texts.find((text) => /[.,]/.test(text)) ?? texts[0]!;
  return new DataError({
    where,
    expected: "numbers of which one tells thousands from decimals",
    got: `only such as ${shown(example)}`,
    hint: '--decimal ",", or --decimal "." (decimal: ",")',
  });
}

function refuseInfinite(present: readonly unknown[], texts: readonly string[], context: ColumnContext): void {
  // Only a long number, or one with an exponent, can be too large.
  const large = texts.find(
    (text) => (text.length > 300 || /e/i.test(text)) && !Number.isFinite(Number.parseFloat(text)),
  );
  const odd = large ?? present.find((value) => value === Number.POSITIVE_INFINITY || value === -Infinity);
  if (odd === undefined) return;
  const hint = `--types '${context.name}=category', or --ignore '${context.name}'`;
  throw new DataError({
    where: context.where,
    expected: "numbers below 1.8e308",
    got: shown(String(odd)),
    hint,
  });
}

/** `5` beside `12%` may be 5 or 5 percent. */
function refuseMixedPercent(texts: readonly string[], { where, name }: ColumnContext): void {
  const bare = texts.find((text) => !text.endsWith("%") && numberOf(text, {}) !== 0);
  if (bare === undefined) return;
  const signed = texts.find((text) => text.endsWith("%"))!;
  throw new DataError({
    where,
    expected: "percent signs on all numbers or on none",
    got: `${shown(bare)} beside ${shown(signed)}`,
    hint: `--types '${name}=category', or --ignore '${name}'`,
  });
}

/** Whole numbers of which each row has its own, called so or 1 … n in any order. */
function isNumbering(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  { name }: ColumnContext,
): boolean {
  if (distinct.size !== present.length || present.length < FEW) return false;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of present) {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) return false;
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  if (high - low === present.length - 1) return true;
  return (
    /(?:^|[^a-z])(?:id|index|idx|key|uuid|row|nr|no)$|^unnamed/i.test(name.trim()) || /[a-z]I[dD]$/.test(name)
  );
}

/** Numbers but for a few cells would become names, each a category: that is nobody's wish. */
export function refuseAlmostNumbers(present: readonly unknown[], context: ColumnContext): void {
  const { where, name } = context;
  if (present.length < FEW) return;
  let [count, first] = [0, 0];
  const differ = new Set<string>();
  for (const [row, value] of present.entries()) {
    const text = String(value);
    if (!differ.has(text) && numberForms([text]).length > 0) continue;
    if (count === 0) first = row + 1;
    count++;
    differ.add(text);
    // One odd value may be a name for missing ones; many are a column of codes.
    if (count > 0.1 * present.length || differ.size > 10) return;
  }
  const odd = [...differ].slice(0, 3).map(shown);
  throw new DataError({
    where,
    expected: "numbers, as most of its cells are",
    got:
      count === 0
        ? "some with another decimal sign than others"
        : `${odd.join(", ")} (the first is value ${first})`,
    hint:
      count === 0
        ? `one way of writing them, or --types '${name}=category'`
        : `--missing ${odd[0]} to take it for missing, or --types '${name}=category'`,
  });
}
