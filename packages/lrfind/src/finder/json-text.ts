const NUMBERS_BY_NAME = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** A number as JSON can hold it: what JSON has no number for as the strings "NaN", "Infinity" and "-Infinity". */
export function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** What a value of JSON means where a number is wanted: the three strings are numbers; anything else stays. */
export function numberOf(value: unknown): unknown {
  return typeof value === "string" ? (NUMBERS_BY_NAME.get(value) ?? value) : value;
}

/** A column of them; what is no list stays. */
export function numbersOf(values: unknown): unknown {
  return Array.isArray(values) ? values.map(numberOf) : values;
}

/** JSON's text of plain data on one line. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "number" ? jsonNumber(part) : part));
}

/** JSON's text of plain data, a field a line, and a list of numbers or names on one. */
export function jsonText(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (!value.some((part) => typeof part === "object" && part !== null)) return jsonLine(value);
    return `[\n${value.map((part) => inner + jsonText(part, inner)).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return jsonLine(value);
  const fields = Object.entries(value).filter(([, part]) => part !== undefined && typeof part !== "function");
  if (fields.length === 0) return "{}";
  const lines = fields.map(([name, part]) => `${inner}${JSON.stringify(name)}: ${jsonText(part, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/**
 * The value that JSON's text stands for.
 *
 * @param fail - Throws the error of who reads it.
 */
export function parsedJson(
  text: string,
  fail: (problem: { readonly expected: string; readonly received: string }) => never,
): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const expected = `JSON (${(cause as Error).message})`;
    return fail({ expected, received: text.length > 40 ? `${text.slice(0, 40)}…` : text });
  }
}
