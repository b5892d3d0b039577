/**
 * Sequences that a terminal obeys: those that set colours or move the cursor, those that carry a text (titles, links),
 * and any other escape. Made of strings, since they hold control characters.
 */
const ESCAPES = new RegExp(
  [
    "(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]",
    "(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?",
    "\\u001b[ -/]*[0-~]?",
  ].join("|"),
  "gu",
);

/** Line breaks and tabs, which become a space. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;

/**
 * What no reader sees: control and format characters (those that reverse the writing direction among them), and halves
 * of characters. The joiner that makes one emoji of several, and the marks of direction that scripts need, stay.
 */
const INVISIBLE = /(?![\u200c-\u200f])[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A text that somebody else may have written (the name of a suggester, a group, a metric; a title), made harmless for a
 * terminal and for XML: without escape sequences and control characters, on one line.
 *
 * @example
 * ```ts
 * plainText("\u001b[31mred\u001b[0m\nname"); // "red name"
 * ```
 */
export function plainText(text: string): string {
  return text.replace(ESCAPES, "").replace(BREAKS, " ").replace(INVISIBLE, "");
}

const FEWEST_COLUMNS = 20;
const MOST_COLUMNS = 200;

/** The parts of Node's `process` that tell of the terminal; a browser has none of them. */
interface Host {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdout?: { readonly columns?: number | undefined };
}

/**
 * How many columns standard output has: what the variable COLUMNS says, else the terminal, else 80; brought into
 * 20 … 200.
 *
 * @param host - Where to look. Default: this process.
 *
 * @example
 * ```ts
 * terminalColumns({ env: { COLUMNS: "120" } }); // 120
 * terminalColumns({}); // 80
 * ```
 */
export function terminalColumns(host: Host = (globalThis as { process?: Host }).process ?? {}): number {
  const given = Number(host.env?.["COLUMNS"]);
  const found = [given, host.stdout?.columns].find(
    (columns) => Number.isSafeInteger(columns) && columns! > 0,
  );
  return Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, found ?? 80));
}
