import type { Curve } from "../../finder/index.js";
import type { LogTable } from "../log-table.js";

/** A curve that a file holds as such: lrfind's own. */
export interface StoredCurve {
  readonly format: string;
  /** The parameter group, where a result has a finding for each. */
  readonly group?: string;
  readonly curve: Curve;
}

/** What a reader made of a file. */
export type LogContent =
  | { readonly tables: readonly LogTable[] }
  | { readonly curves: readonly StoredCurve[] };

/** A format whose files are text. */
export interface TextFormat {
  /** Its name, for the list of what can be read. */
  readonly title: string;
  /**
   * What is in a file, or undefined where it is of another format.
   *
   * @throws {LogError} where it is of this one, and broken.
   */
  read(text: string, name: string): LogContent | undefined;
}
