import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond2,
  symbolSquare,
  symbolTriangle,
} from "d3-shape";

/** Texts and the lines that matter most. */
export const INK = "#1b1f24";
/** What explains: notes and headings. */
export const QUIET = "#57606a";
/** Lines of a grid, which stay behind everything. */
export const GRID = "#e4e7eb";
/** Axes and their ticks. */
export const AXIS = "#8c959f";

/** Okabe and Ito's colours, which stay apart under the common kinds of colour blindness; black is the curve's. */
export const COLORS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"] as const;

/** Shapes that stay apart at a dot's size; of another length than COLORS, so that pairs repeat late. */
const SHAPES = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
] as const;

/** The name of a shape. */
export type SymbolName = (typeof SHAPES)[number];

const PATHS: Readonly<
  Record<SymbolName, readonly [type: SymbolType, turn?: (x: number, y: number) => readonly [number, number]]>
> = {
  circle: [symbolCircle],
  square: [symbolSquare],
  "triangle-up": [symbolTriangle],
  diamond: [symbolDiamond2],
  cross: [symbolCross],
  "triangle-down": [symbolTriangle, (x, y) => [-x, -y]],
  "triangle-right": [symbolTriangle, (x, y) => [-y, x]],
};

/** The suggesters that come with the finder keep their colour from picture to picture. */
const KNOWN = ["valley", "slide", "steep", "minimum", "edge"];

/** How a suggestion is drawn. */
export interface MarkStyle {
  /** CSS colour. */
  readonly color: string;
  readonly shape: SymbolName;
}

/**
 * Gives every suggester its own colour and shape: fixed ones for the five that come with the finder, the next
 * free ones, in order, for others.
 *
 * @param names - Names of the suggesters.
 * @returns One style per name; 42 names go by before a pair comes back.
 *
 * @example
 * ```ts
 * markStyles(["edge", "mine"]); // the same style for "edge" whatever else is drawn
 * ```
 */
export function markStyles(names: readonly string[]): MarkStyle[] {
  let next = KNOWN.length;
  return names.map((name) => {
    const known = KNOWN.indexOf(name);
    const slot = known >= 0 ? known : next++;
    return { color: COLORS[slot % COLORS.length]!, shape: SHAPES[slot % SHAPES.length]! };
  });
}

/**
 * The outline of a shape around the origin, as the `d` of an SVG's path.
 *
 * @param size - Its area in square pixels.
 */
export function symbolPath(name: SymbolName, size: number): string {
  const [type, turn] = PATHS[name];
  const path = symbol(type, size).digits(2)() ?? "";
  return turn === undefined ? path : turned(path, turn);
}

/** A path of absolute M and L with its points turned by a quarter or a half, without a transform of its own. */
function turned(path: string, turn: (x: number, y: number) => readonly [number, number]): string {
  return path.replaceAll(/(-?[\d.]+),(-?[\d.]+)/g, (_, x: string, y: string) =>
    turn(Number(x), Number(y)).join(","),
  );
}

/** From almost white, 0, to the blue of Okabe and Ito, 1. */
export function blue(share: number): string {
  const mix = (from: number, to: number) => Math.round(from + share * (to - from));
  return `rgb(${mix(244, 0)},${mix(247, 114)},${mix(250, 178)})`;
}
