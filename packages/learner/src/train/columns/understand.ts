import type { DataError as DataErrorType } from "../../data/index.js";
import { DataError } from "../../data/internal.js";
import type { ColumnKind, ColumnSpec } from "./column-spec.js";
import { dateForms } from "./date-form.js";
import { isAmbiguous, numberForms } from "./number-form.js";

/** What is known of a column besides its values. */
export interface ColumnContext {
  /** `file, column "name"`, for errors. */
  readonly where: string;
  readonly name: string;
  /** Texts that stand for a missing value. */
  readonly missing: ReadonlySet<string>;
  /** The kind that the user gave it. */
  readonly asked?: ColumnKind | undefined;
  /** What stands before decimals, where the column does not tell. */
  readonly decimal?: "." | "," | undefined;
  /** Whether other columns of the table have decimal commas. */
  readonly hasCommas?: boolean;
  /** Whether days or months come first, where the column does not tell. */
  readonly dates?: "dmy" | "mdy" | undefined;
}

/** A column's kind, and what to tell of it. */
export interface Understood {
  readonly spec: ColumnSpec;
  /** In a few words: `"number, 1.5 to 9"`, `"category of 3"`. */
  readonly words: string;
}

/** Fewer different values than this are few, whatever they are. */
const FEW = 20;
/** A text has at least as many words, on the average. */
const WORDS_OF_TEXT = 4;
/** Categories that hardly come back teach a model nothing. */
const MOST_CATEGORIES = 1000;

/**
 * What a column holds, judged by all of its values.
 *
 * @throws DataError where it cannot be told, and a guess would misread in silence.
 */
export function understand(values: readonly unknown[], context: ColumnContext): Understood {
  const { missing, asked } = context;
  if (asked === "ignore") return left("asked for", "left out, as asked for");
  const present = presentOf(values, missing);
  const distinct = new Set(present.map((value) => (typeof value === "string" ? value : String(value))));
  if (present.length === 0) return left("no value", "no value at all: left out");
  if (distinct.size === 1 && asked === undefined)
    return left("constant", `always ${shown([...distinct][0]!)}: left out`);
  if (asked === "category") return category(distinct);
  if (asked === "text") return { spec: { kind: "text" }, words: "text" };
  if (asked === "date")
    return date(present, context) ?? fail(context, "dates", present, (text) => dateForms([text]).length > 0);
  const number = numbers(present, distinct, context);
  if (number !== undefined) return number;
  if (asked === "number") return fail(context, "numbers", present, (text) => numberForms([text]).length > 0);
  const dates = date(present, context);
  if (dates !== undefined) return dates;
  refuseAlmostNumbers(present, context);
  return words(present, distinct, context);
}

/** What is there of a column; texts without white space around them. */
function presentOf(values: readonly unknown[], missing: ReadonlySet<string>): unknown[] {
  const present: unknown[] = [];
  for (const value of values) {
    const trimmed = typeof value === "string" ? value.trim() : value;
    if (!isAbsent(trimmed, missing)) present.push(trimmed);
  }
  return present;
}

/** Whether a value is missing. */
export function isAbsent(value: unknown, missing: ReadonlySet<string>): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "number") return Number.isNaN(value);
  return typeof value === "string" && (missing.has(value) || missing.has(value.trim()));
}

function left(why: string, words: string): Understood {
  return { spec: { kind: "ignore", why }, words };
}

function category(distinct: ReadonlySet<string>): Understood {
  const names = [...distinct];
  const some = names.length <= 4 ? ` (${names.map(shown).join(", ")})` : "";
  return { spec: { kind: "category" }, words: `category of ${names.length}${some}` };
}

function numbers(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  context: ColumnContext,
): Understood | undefined {
  if (present.every((value) => typeof value === "boolean")) return category(distinct);
  const isTyped = present.every((value) => typeof value === "number" || typeof value === "bigint");
  const texts = isTyped ? [] : present.map((value) => (typeof value === "string" ? value : String(value)));
  if (!isTyped && !present.every((value) => ["string", "number", "bigint"].includes(typeof value)))
    return undefined;
  let forms = isTyped ? [{}] : numberForms(texts, context.hasCommas ? { decimal: "," } : {});
  if (forms.length === 0) return undefined;
  if (isAmbiguous(forms, texts)) {
    if (context.decimal === undefined) throw ambiguousNumber(texts, context);
    forms = forms.filter((form) => (form.decimal ?? ".") === context.decimal);
  }
  const form = forms[0]!;
  if (context.asked === undefined && isNumbering(present, distinct, context)) {
    return left("identifier", "an identifier, another for each row: left out");
  }
  const written = [
    form.decimal === "," ? "decimal commas" : "",
    form.thousands === undefined ? "" : "thousands apart",
    texts.some((text) => text.endsWith("%")) ? "percent as parts of 1" : "",
  ].filter((part) => part !== "");
  const how = written.length > 0 ? `, ${written.join(", ")}` : "";
  return { spec: { kind: "number", ...form }, words: `number${how}` };
}

/** Whole numbers of which each row has its own, called so or counting up. */
function isNumbering(
  present: readonly unknown[],
  distinct: ReadonlySet<string>,
  { name }: ColumnContext,
): boolean {
  if (distinct.size !== present.length || present.length < FEW) return false;
  const whole = present.map(Number);
  if (!whole.every(Number.isSafeInteger)) return false;
  const counts = whole.every((value, i) => i === 0 || value === whole[i - 1]! + 1);
  return counts || /(?:^|[^a-z])(?:id|index|idx|key|uuid|row|nr|no)$|^unnamed/i.test(name.trim());
}

function date(present: readonly unknown[], context: ColumnContext): Understood | undefined {
  if (present.every((value) => value instanceof Date)) {
    return { spec: { kind: "date", order: "ymd" }, words: "date: its parts" };
  }
  if (!present.every((value) => typeof value === "string")) return undefined;
  let forms = dateForms(present as string[]);
  if (forms.length === 0) return undefined;
  if (forms.length > 1) {
    if (context.dates === undefined) {
      throw new DataError({
        where: context.where,
        expected: "dates of which one tells days from months",
        got: `only such as ${shown(String(present[0]))}`,
        hint: '--dates dmy, or --dates mdy (dates: "dmy")',
      });
    }
    forms = forms.filter(({ order }) => order === context.dates);
  }
  const { order } = forms[0]!;
  const how = order === "dmy" ? ", days first" : order === "mdy" ? ", months first" : "";
  return { spec: { kind: "date", order }, words: `date${how}: its parts` };
}

function words(
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
    return left("identifier", "an identifier, another for each row: left out");
  if (distinct.size > MOST_CATEGORIES && distinct.size > present.length / 2) {
    return left("too many categories", `${distinct.size} names that hardly come back: left out`);
  }
  return category(distinct);
}

/** Numbers but for a few cells would become names, each a category: that is nobody's wish. */
function refuseAlmostNumbers(present: readonly unknown[], context: ColumnContext): void {
  const { where, asked } = context;
  if (asked !== undefined) return;
  const texts = present.map((value) => String(value).trim());
  const odd = texts.filter((text) => numberForms([text]).length === 0);
  const differ = new Set(odd);
  // One odd value may be a name for missing ones; many are a column of codes.
  if (texts.length < FEW || odd.length > 0.1 * texts.length || differ.size > 10) return;
  const row = texts.indexOf(odd[0]!) + 1;
  throw new DataError({
    where,
    expected: "numbers, as most of its cells are",
    got:
      odd.length === 0
        ? "some with another decimal sign than others"
        : `${[...differ].slice(0, 3).map(shown).join(", ")} (the first is value ${row})`,
    hint: `--missing ${shown(odd[0] ?? "")} to take it for missing, or --types '${context.name}=category'`,
  });
}

function ambiguousNumber(texts: readonly string[], { where }: ColumnContext): DataErrorType {
  const example = texts.find((text) => /[.,]/.test(text)) ?? texts[0]!;
  return new DataError({
    where,
    expected: "numbers of which one tells thousands from decimals",
    got: `only such as ${shown(example)}`,
    hint: '--decimal ",", or --decimal "." (decimal: ",")',
  });
}

function fail(
  { where }: ColumnContext,
  expected: string,
  present: readonly unknown[],
  fits: (text: string) => boolean,
): never {
  const odd = present.map(String).find((text) => !fits(text.trim()));
  throw new DataError({
    where,
    expected: `${expected}, as asked for`,
    got: shown(odd ?? String(present[0])),
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
}
