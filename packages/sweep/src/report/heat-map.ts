import { formatLoss } from "lrfind/core";
import {
  blue,
  element,
  headed,
  INK,
  label,
  moved,
  shortenedToPixels,
  svgDocument,
  textWidth,
} from "lrfind/draw";

/** A grid of scores over the values of two axes. */
export interface HeatMap {
  readonly title: string;
  readonly note: string;
  readonly across: { readonly name: string; readonly values: readonly string[] };
  readonly down: { readonly name: string; readonly values: readonly string[] };
  /** By row and column; undefined where nothing was trained. */
  readonly scores: readonly (readonly (number | undefined)[])[];
  readonly better: "smaller" | "larger";
}

const CELL = { width: 78, height: 40 };
const HEAD = 62;
const LABEL = 170;

/** The grid as a picture: the better, the darker. */
export function heatMap({ title, note, across, down, scores, better }: HeatMap): string {
  const names = down.values.map((value) => shortenedToPixels(value, 12.5, LABEL));
  const left = 44 + Math.ceil(Math.max(...names.map((name) => textWidth(name, 12.5)), 30));
  const width = Math.max(380, left + CELL.width * across.values.length + 20);
  const height = HEAD + 24 + CELL.height * down.values.length + 34;
  const known = scores.flat().filter((score) => score !== undefined && Number.isFinite(score)) as number[];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const goodness = (score: number) => {
    const share = high === low ? 1 : (score - low) / (high - low);
    return better === "smaller" ? 1 - share : share;
  };
  const text = (attributes: Readonly<Record<string, string | number>>, content: string) =>
    label(content, { "font-size": 12.5, ...attributes });
  const top = HEAD + 24;
  const cells = scores.flatMap((row, r) =>
    row.map((score, c) => {
      if (score === undefined || !Number.isFinite(score)) return "";
      const good = goodness(score);
      return element(
        "g",
        { class: "cell", transform: moved(left + CELL.width * c, top + CELL.height * r) },
        element("rect", { width: CELL.width - 2, height: CELL.height - 2, fill: blue(good) }),
        text(
          {
            class: "count",
            x: CELL.width / 2 - 1,
            y: CELL.height / 2 + 3,
            "text-anchor": "middle",
            fill: good > 0.55 ? "white" : INK,
          },
          formatLoss(score),
        ),
      );
    }),
  );
  return svgDocument(
    { width, height },
    headed(
      { title, note, width, height },
      ...across.values.map((value, c) =>
        text(
          { x: left + CELL.width * (c + 0.5) - 1, y: top - 8, "text-anchor": "middle" },
          shortenedToPixels(value, 12.5, CELL.width - 6),
        ),
      ),
      ...names.map((name, r) =>
        text({ x: left - 10, y: top + CELL.height * (r + 0.5) + 3, "text-anchor": "end" }, name),
      ),
      ...cells,
      text(
        { x: left + (CELL.width * across.values.length) / 2, y: height - 12, "text-anchor": "middle" },
        across.name,
      ),
      text(
        {
          transform: `${moved(18, top + (CELL.height * down.values.length) / 2)} rotate(-90)`,
          "text-anchor": "middle",
        },
        down.name,
      ),
    ),
  );
}
