import { withoutUnit } from "./unit.js";

/** How a column's numbers are written. */
export interface NumberForm {
  /** What stands before the decimals. @default "." */
  readonly decimal?: ",";
  /** What stands between thousands. @default nothing */
  readonly thousands?: "," | "." | " " | "'";
  /** Whether all but zeros have a percent sign: they become parts of 1. @default false */
  readonly percent?: true;
  /** What stands beside each of them: `$`, `kg`. @default nothing */
  readonly unit?: string;
}

/** Thousands and decimals as in much of Europe. */
const POINTS: NumberForm = { thousands: ".", decimal: "," };

/** What may stand between the thousands, and before the decimals; the plainest first. */
const FORMS: readonly NumberForm[] = [
  {},
  { decimal: "," },
  { thousands: "," },
  POINTS,
  { thousands: " " },
  { thousands: " ", decimal: "," },
  { thousands: "'" },
];

const ESCAPED: Readonly<Record<string, string>> = {
  ",": ",",
  ".": "\\.",
  " ": "[ \\u00a0\\u202f]",
  "'": "['’]",
};

const PATTERNS = new Map(FORMS.map((form) => [form, patternOf(form)]));

/** A number that is written in a form: percent signs are parts of it, codes that begin with 0 are none. */
function patternOf({ decimal, thousands }: NumberForm): RegExp {
  const point = ESCAPED[decimal ?? "."]!;
  const whole =
    thousands === undefined
      ? "(?:0|[1-9]\\d*)"
      : `(?:0|[1-9]\\d{0,2}(?:${ESCAPED[thousands]}\\d{3})*|[1-9]\\d*)`;
  const fraction = `(?:${point}\\d*)?`;
  return new RegExp(`^[+\\-\u2212]?(?:${whole}${fraction}|${point}\\d+)(?:[eE][+-]?\\d{1,3})?[ \\u00a0]?%?$`);
}

/**
 * The forms in which all of a column's texts are numbers; none where one of them is no number.
 *
 * Several are left where no text tells them apart: all of `1,234` and `5,678` may be thousands or decimals. What is a
 * number as programs write it is one, though: `1.234` is thousands only where the table has decimal commas.
 *
 * @param options.decimal - `","` where other columns of the table have decimal commas.
 */
export function numberForms(
  texts: readonly string[],
  { decimal }: { readonly decimal?: "," | undefined } = {},
): NumberForm[] {
  const forms = plainForms(texts, decimal);
  if (forms.length === 0 || !texts.some((text) => text.endsWith("%"))) return forms;
  return forms.map((form) => ({ ...form, percent: true }));
}

/** The same but for percent signs. */
function plainForms(texts: readonly string[], decimal: "," | undefined): NumberForm[] {
  const plain = PATTERNS.get(FORMS[0]!)!;
  if (texts.every((text) => plain.test(text))) {
    const points = decimal === "," && texts.some((text) => text.includes("."));
    const thousands = PATTERNS.get(POINTS)!;
    return points && texts.every((text) => thousands.test(text)) ? [POINTS] : [FORMS[0]!];
  }
  let forms = FORMS.slice(1);
  for (const text of texts) {
    forms = forms.filter((form) => PATTERNS.get(form)!.test(text));
    if (forms.length === 0) break;
  }
  return forms;
}

/** What a text means in each form, to tell forms apart that read the same. */
export function isAmbiguous(forms: readonly NumberForm[], texts: Iterable<string>): boolean {
  if (forms.length < 2) return false;
  for (const text of texts) {
    const values = new Set(forms.map((form) => numberOf(text, form)));
    if (values.size > 1) return true;
  }
  return false;
}

const PLAIN = /^[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$/;

/** A form from a file is another object than ours. */
function patternFor(form: NumberForm): RegExp {
  const own = FORMS.find(
    ({ decimal, thousands }) => decimal === form.decimal && thousands === form.thousands,
  );
  return own === undefined ? patternOf(form) : PATTERNS.get(own)!;
}

/**
 * The number that a text stands for in a form; undefined for one that is no number, or none that float64 holds. Percent
 * become parts of 1; a number without a percent sign is none in a column of them, and the other way round.
 */
export function numberOf(text: string, { unit, ...form }: NumberForm): number | undefined {
  if (unit === undefined) return bareNumberOf(text, form);
  const counted = withoutUnit(text.trim());
  return counted?.unit === unit ? bareNumberOf(counted.number, form) : undefined;
}

function bareNumberOf(text: string, form: NumberForm): number | undefined {
  // As programs write them: most of a large table.
  if (form.decimal === undefined && form.thousands === undefined && !form.percent && PLAIN.test(text))
    return finite(Number(text));
  const pattern = patternFor(form);
  const trimmed = text.trim();
  if (!pattern.test(trimmed)) return undefined;
  const isPercent = trimmed.endsWith("%");
  let plain = trimmed.replace(/[ \u00a0]?%$/, "");
  if (form.thousands !== undefined) plain = plain.replaceAll(new RegExp(ESCAPED[form.thousands]!, "g"), "");
  if (form.decimal === ",") plain = plain.replace(",", ".");
  const value = Number(plain.replace("\u2212", "-"));
  if (isPercent !== (form.percent ?? false) && value !== 0) return undefined;
  return finite(isPercent ? value / 100 : value);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
