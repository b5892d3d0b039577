import type { SymbolName } from "../draw/index.js";
import type { Explanation } from "../finder/index.js";

/** What the page's script knows of a figure: plain data, embedded beside it. */
export interface FigureData {
  /** Rate, raw and smoothed loss of each step, to six digits; null where a loss is not finite. */
  readonly points: readonly (readonly [lr: number, raw: number | null, smoothed: number | null])[];
  /** How many steps there were, where not all are here. */
  readonly thinnedFrom: number | undefined;
  /** Where the numbers lie in each of its pictures. */
  readonly panels: Readonly<Record<string, PanelData>>;
  readonly marks: readonly MarkData[];
  /** The rates beside which remarks stand, in their order. */
  readonly remarks: readonly (number | null)[];
}

/** The plot of a picture, in its pixels, and what its axes span. */
export interface PanelData {
  readonly plot: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
}

/** A suggester's answer. */
export interface MarkData {
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly shape: SymbolName;
  /** Null where it has no rate. */
  readonly at: { readonly lr: number; readonly loss: number } | null;
  /** Why it has none. */
  readonly reason: string | undefined;
  readonly why: Explanation | undefined;
}
