import { CsvError, parse } from "csv-parse/sync";

/** What may separate fields where nobody says, in words. */
export const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
};

/** By which separator most of a table's first lines have the same fields, the most of them; a comma where none does. */
export function delimiterOf(text: string): string {
  const best = Object.keys(DELIMITERS)
    .map((delimiter) => ({ delimiter, fields: fieldsBy(text, delimiter) }))
    .sort((a, b) => b.fields - a.fields)[0]!;
  return best.fields > 1 ? best.delimiter : ",";
}

function fieldsBy(text: string, delimiter: string): number {
  const rows: string[][] = [];
  try {
    parse(text, {
      delimiter,
      skip_empty_lines: true,
      to: 30,
      relax_column_count: true,
      on_record: (row) => {
        rows.push(row);
        return null;
      },
    });
  } catch (error) {
    // The text may be cut off between quotes: the rows before that tell enough.
    if (!(error instanceof CsvError && error.code === "CSV_QUOTE_NOT_CLOSED")) return 0;
  }
  // The last line may be cut off; a ragged one among many is named by who reads them all.
  const widths = rows.slice(0, Math.max(1, rows.length - 1)).map(({ length }) => length);
  const width = widths[0] ?? 0;
  return widths.filter((other) => other === width).length >= 0.8 * widths.length ? width : 0;
}
