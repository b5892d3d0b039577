import { plot } from "simple-ascii-chart";
import { formatRate } from "../../core/index.js";
import { lossTicks, rateTicks } from "../../draw/index.js";
import type { Scene, ScenePoint } from "../scene.js";
import { spreadMarks } from "../spread-marks.js";
import { markStyle, type Piece, RAW_STYLE, TRIM_STYLE } from "./text.js";

/** The curve is heavy where it counts and light in the trimmed ends: colour alone would not show them. */
const LIGHT: Readonly<Record<string, string>> = {
  "━": "─",
  "┃": "│",
  "┓": "┐",
  "┗": "└",
  "┛": "┘",
  "┏": "┌",
};

/** Where the chart's cells lie: column and row of a rate and a loss, counted from the plot's top left. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  columnOf(lr: number): number;
  rowOf(loss: number): number;
}

/**
 * Draws the curve of a scene with at least two smoothed losses into at most `columns` by `rows` characters.
 *
 * simple-ascii-chart draws the curve and the axes. It knows no logarithmic axis, so it is given exponents, one
 * point per column, and the labels for them; it has but one symbol for marks and no second line style, so the
 * letters, the raw dots and the light ends are laid over its text, cell by cell.
 */
export function drawChart(
  scene: Scene,
  letters: readonly string[],
  { columns, rows, raw }: { readonly columns: number; readonly rows: number; readonly raw: boolean },
): Piece[][] {
  const ticks = lossTicks(scene.lossDomain, Math.max(2, Math.round(rows / 3)));
  const gutter = Math.max(4, ...ticks.map(({ label }) => label.length));
  // Around the plot: labels and axis at the left, an arrow head at the right; one above, axis and labels below.
  const grid = gridOf(scene, columns - gutter - 2, rows - 3);
  const text = chartText(scene, grid, { ticks, gutter });
  const cells: Piece[][] = text.map((line) => [...line].map((char) => ({ text: char })));
  const left = text.at(-2)!.indexOf("└") + 1;
  overlay(scene, grid, {
    letters,
    raw,
    get: (column, row) => cells[row + 1]?.[left + column]?.text,
    set: (column, row, piece) => {
      cells[row + 1]![left + column] = piece;
    },
  });
  return cells;
}

/** The cells of axes of some size. */
export function gridOf(
  { lrDomain, lossDomain }: Pick<Scene, "lrDomain" | "lossDomain">,
  width: number,
  height: number,
): Grid {
  const [first, last] = lrDomain.map(Math.log) as [number, number];
  const [low, high] = lossDomain;
  return {
    width,
    height,
    columnOf: (lr) => Math.round(((width - 1) * (Math.log(lr) - first)) / (last - first)),
    // The chart rounds heights above the axis, not depths below the top; halves would go the other way.
    rowOf: (loss) => height - 1 - Math.round(((height - 1) * (loss - low)) / (high - low)),
  };
}

function chartText(
  scene: Scene,
  grid: Grid,
  { ticks, gutter }: { readonly ticks: ReturnType<typeof lossTicks>; readonly gutter: number },
): string[] {
  // A label takes up to five columns, and wants space around it.
  const rates = rateTicks(scene.lrDomain, Math.max(2, Math.floor(grid.width / 8)));
  const rateLabels = apart(rates.map((rate) => [grid.columnOf(rate), formatRate(rate)]));
  const lossLabels = new Map(ticks.map(({ value, label }) => [value, label]));
  const chart = plot(curveByColumn(scene, grid), {
    width: grid.width,
    height: grid.height,
    yRange: [...scene.lossDomain],
    customXAxisTicks: [...rateLabels.keys()],
    customYAxisTicks: [...lossLabels.keys()],
    formatter: (value, { axis }) =>
      axis === "x" ? (rateLabels.get(value) ?? "") : (lossLabels.get(value) ?? "").padStart(gutter),
  });
  return chart.split("\n").filter((line) => line !== "");
}

/** Those labels that do not touch the one before: the chart would put them into a line of their own. */
export function apart(labels: readonly (readonly [column: number, label: string])[]): Map<number, string> {
  const placed = new Map<number, string>();
  let free = Number.NEGATIVE_INFINITY;
  for (const [column, label] of labels) {
    const half = Math.ceil(label.length / 2);
    if (column - half < free) continue;
    placed.set(column, label);
    free = column + half + 1;
  }
  return placed;
}

/** The smoothed loss as one point per column, inside the axis, so that the chart scales columns one to one. */
function curveByColumn({ points, lossDomain: [low, high] }: Scene, grid: Grid): [number, number][] {
  const byColumn = new Map<number, number>();
  for (const { lr, smoothed } of points) {
    if (smoothed !== null) byColumn.set(grid.columnOf(lr), Math.min(high, Math.max(low, smoothed)));
  }
  const known = [...byColumn].sort(([a], [b]) => a - b);
  const line: [number, number][] = [];
  for (let k = 0; k < known.length; k++) {
    const [column, loss] = known[k]!;
    const [nextColumn, nextLoss] = known[k + 1] ?? [column + 1, loss];
    for (let c = column; c < nextColumn; c++) {
      line.push([c, loss + ((nextLoss - loss) * (c - column)) / (nextColumn - column)]);
    }
  }
  return line;
}

interface Overlay {
  readonly letters: readonly string[];
  readonly raw: boolean;
  get(column: number, row: number): string | undefined;
  set(column: number, row: number, piece: Piece): void;
}

function overlay(scene: Scene, grid: Grid, { letters, raw, get, set }: Overlay): void {
  for (const { from, to } of scene.trimmed) {
    const inner = [grid.columnOf(from), grid.columnOf(to)] as const;
    for (let column = inner[0]; column <= inner[1]; column++) {
      for (let row = 0; row < grid.height; row++) {
        const light = LIGHT[get(column, row) ?? ""];
        if (light !== undefined) set(column, row, { text: light, style: TRIM_STYLE });
      }
    }
  }
  const [low, high] = scene.lossDomain;
  const isInside = (point: ScenePoint) => point.raw !== null && point.raw >= low && point.raw <= high;
  for (const point of raw ? scene.points.filter(isInside) : []) {
    const [column, row] = [grid.columnOf(point.lr), grid.rowOf(point.raw!)];
    if (get(column, row) === " ") set(column, row, { text: "·", style: RAW_STYLE });
  }
  const found = scene.marks.flatMap(({ at }, index) => (at === null ? [] : { ...at, index }));
  // Half a row is added so that every whole row counts as inside.
  const spots = found.map(({ lr, loss }) => ({ x: grid.columnOf(lr), y: grid.rowOf(loss) + 0.5 }));
  spreadMarks(spots, { gap: 1, height: grid.height }).forEach(({ x, y }, k) => {
    const { index } = found[k]!;
    set(x, y - 0.5, { text: letters[index]!, style: markStyle(index) });
  });
}
