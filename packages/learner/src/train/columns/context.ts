import type { ColumnKind, ColumnSpec } from "./column-spec.js";

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
  /** Whether days or months come first, where the column does not tell. */
  readonly dates?: "dmy" | "mdy" | undefined;
  /** What the file itself lets expect before decimals: semicolons between fields often go with decimal commas. */
  readonly usual?: "." | undefined;
  /** What the table's other columns tell, for what neither the column nor the user does. */
  readonly others?: Evidence | undefined;
}

/** What a column tells of how its table is written. */
export interface Evidence {
  /** What stands before decimals. */
  readonly decimal?: "." | ",";
  /** Whether days or months come first. */
  readonly dates?: "dmy" | "mdy";
}

/** A column's kind, and what to tell of it. */
export interface Understood {
  readonly spec: ColumnSpec;
  /** In a few words: `"number, 2 missing"`, `"category of 3"`. */
  readonly words: string;
  /** What it tells of the others. */
  readonly evidence?: Evidence;
  /** Whether the others may tell it better. */
  readonly isOpen?: true;
}

/** Fewer different values than this are few, whatever they are. */
export const FEW = 20;

/** A column that is left out. */
export function left(why: string, words: string): Understood {
  return { spec: { kind: "ignore", why }, words };
}

/** A cell for a message: in quotes, cut where it is long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text);
}
