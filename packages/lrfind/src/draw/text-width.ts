import stringWidth from "fast-string-width";

const graphemes = new Intl.Segmenter();

/** The columns that a text takes in a terminal: two for CJK and emoji, none for combining marks. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** What a reader takes for one character each: a letter with its marks, an emoji of several code points. */
export function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** As many whole characters of a text as fit into some columns. */
export function cutTo(text: string, columns: number): string {
  let width = 0;
  let cut = "";
  for (const character of charactersOf(text)) {
    width += widthOf(character);
    if (width > columns) break;
    cut += character;
  }
  return cut;
}

/** A text, or where it is too wide as much of it as fits, with an ellipsis. */
export function shortenedTo(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${cutTo(text, columns - 1)}…`;
}

/** A text with spaces behind it, up to some columns. */
export function paddedTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/**
 * A text in lines of at most some columns, broken between words; a word that is wider is broken where it must be,
 * and a character that is wider gives way to an ellipsis.
 */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) <= columns) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (widthOf(line) > columns) {
      const part = cutTo(line, columns);
      lines.push(part || "…");
      line = line.slice((part || charactersOf(line)[0]!).length);
    }
  }
  return [...lines, line];
}

/**
 * Rows of texts as lines, a column under another; a text that is too wide for the line is cut.
 *
 * @param rows - Of equally many cells each.
 * @param columns - Most columns per line.
 */
export function textRows(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => widthOf(row[c]!))));
  return rows.map((row) =>
    shortenedTo(
      row
        .map((cell, c) => paddedTo(cell, widths[c]!))
        .join("  ")
        .trimEnd(),
      columns,
    ),
  );
}
