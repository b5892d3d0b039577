import { type Check, checkArgument, plainText } from "lrfind/core";
import {
  blue,
  element,
  escaped,
  FONT,
  INK,
  label,
  moved,
  paddedTo,
  QUIET,
  shortenedTo,
  shortenedToPixels,
  textWidth,
  widthOf,
} from "lrfind/draw";
import type { ConfusionMatrix } from "../learner/index.js";
import { type Picture, pictureOf } from "./picture.js";

const TITLE = 54;
/** A label is cut to this many pixels. */
const LABEL = 130;
/** Cells are as large as this, or, for many classes, as fits. */
const CELL = 46;
const LARGEST = 720;

const MATRIX: Check = {
  expected: "a confusion matrix",
  accepts(value) {
    const { labels, counts } = Object(value) as Partial<ConfusionMatrix>;
    const n = Array.isArray(labels) ? labels.length : 0;
    return (
      n > 0 &&
      Array.isArray(counts) &&
      counts.length === n &&
      counts.every((row) => Array.isArray(row) && row.length === n && row.every(Number.isFinite))
    );
  },
  hint: () => "await learn.confusionMatrix()",
};

/**
 * A confusion matrix: a row for each actual class, a column for each predicted one, darker the larger its share of the row.
 *
 * @param matrix - What `learn.confusionMatrix()` gives.
 * @throws {OptionError} when it is none.
 *
 * @example
 * ```ts
 * const picture = plotConfusionMatrix(await learn.confusionMatrix());
 * console.log(picture.toTerminal());
 * await writeFile("confusion.png", await picture.toPng());
 * ```
 *
 * Source: fastai's `Interpretation.plot_confusion_matrix`.
 */
export function plotConfusionMatrix(matrix: ConfusionMatrix): Picture {
  checkArgument("plotConfusionMatrix", "matrix", matrix, MATRIX);
  const labels = matrix.labels.map((label) => plainText(String(label)));
  const { counts } = matrix;
  const cell = Math.min(CELL, LARGEST / labels.length);
  const size = Math.min(12.5, Math.max(7, 0.7 * cell));
  const names = labels.map((label) => shortenedToPixels(label, size, LABEL));
  const widest = Math.ceil(Math.max(...names.map((name) => textWidth(name, size)))) + 10;
  const grid = cell * labels.length;
  const width = Math.max(360, 24 + widest + grid + 16);
  const height = TITLE + widest + grid + 34;
  return pictureOf({
    where: "plotConfusionMatrix",
    width,
    height,
    draw: () => drawMatrix({ names, counts, cell, size, widest, width, height }),
    text: (columns) => textMatrix(labels, counts, columns),
  });
}

interface Layout {
  readonly names: readonly string[];
  readonly counts: ConfusionMatrix["counts"];
  readonly cell: number;
  readonly size: number;
  readonly widest: number;
  readonly width: number;
  readonly height: number;
}

function drawMatrix({ names, counts, cell, size, widest, width, height }: Layout): string {
  const [left, top] = [24 + widest, TITLE + widest];
  const total = counts.flat().reduce((a, b) => a + b, 0);
  const right = counts.reduce((sum, row, i) => sum + row[i]!, 0);
  const note = `${right} of ${total} right`;
  const text = (attributes: Readonly<Record<string, string | number>>, content: string) =>
    label(content, attributes);
  const rows = counts.flatMap((row, i) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count, j) => {
      const share = sum === 0 ? 0 : count / sum;
      const dark = share > 0.55;
      return [
        element("rect", {
          class: "cell",
          x: j * cell,
          y: i * cell,
          width: cell,
          height: cell,
          fill: blue(share),
          stroke: "white",
          "stroke-width": cell > 12 ? 1 : 0.3,
        }),
        // A number that is no larger than a dot helps nobody.
        cell >= 20 && count > 0
          ? element(
              "text",
              {
                class: "count",
                x: (j + 0.5) * cell,
                y: (i + 0.5) * cell + 4,
                "text-anchor": "middle",
                "font-size": Math.min(12.5, 0.36 * cell),
                fill: dark ? "white" : INK,
              },
              String(count),
            )
          : "",
      ].join("");
    });
  });
  return [
    element("title", {}, escaped(`Confusion matrix: ${note}`)),
    element("rect", { class: "ground", width, height, fill: "white" }),
    element(
      "g",
      { "font-family": FONT },
      text({ class: "title", x: 24, y: 26, "font-size": 16, "font-weight": 700 }, "Confusion matrix"),
      text({ class: "note", x: 24, y: 44, "font-size": 12.5, fill: QUIET }, note),
      ...names.map((name, i) =>
        text(
          { x: left - 8, y: top + (i + 0.5) * cell + 0.35 * size, "text-anchor": "end", "font-size": size },
          name,
        ),
      ),
      ...names.map((name, j) =>
        text(
          {
            transform: `${moved(left + (j + 0.5) * cell + 0.35 * size, top - 8)} rotate(-90)`,
            "font-size": size,
          },
          name,
        ),
      ),
      element("g", { transform: moved(left, top) }, ...rows),
      text(
        { x: left + (cell * names.length) / 2, y: height - 10, "text-anchor": "middle", "font-size": 12.5 },
        "predicted",
      ),
      text(
        {
          transform: `${moved(15, top + (cell * names.length) / 2)} rotate(-90)`,
          "text-anchor": "middle",
          "font-size": 12.5,
        },
        "actual",
      ),
    ),
  ].join("");
}

/** The matrix where it fits; else what is taken for what most often. */
function textMatrix(labels: readonly string[], counts: ConfusionMatrix["counts"], columns: number): string {
  const width = Math.max(...counts.flat().map((count) => String(count).length), 3) + 1;
  const name = Math.min(20, Math.max(...labels.map(widthOf)));
  if (name + labels.length * width > columns) return mostConfused(labels, counts, columns);
  const cut = (text: string, room: number) => paddedTo(shortenedTo(text, room), room);
  const head = `${" ".repeat(name)}${labels.map((label) => shortenedTo(label, width - 1).padStart(width)).join("")}`;
  const rows = counts.map(
    (row, i) => `${cut(labels[i]!, name)}${row.map((count) => String(count).padStart(width)).join("")}`,
  );
  return ["rows: actual, columns: predicted", head, ...rows]
    .map((line) => shortenedTo(line, columns))
    .join("\n");
}

function mostConfused(labels: readonly string[], counts: ConfusionMatrix["counts"], columns: number): string {
  const wrong = counts
    .flatMap((row, i) => row.map((count, j) => ({ count, i, j })))
    .filter(({ count, i, j }) => i !== j && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, 15);
  const rows = wrong.map(
    ({ count, i, j }) => `${String(count).padStart(6)}  ${labels[i]} taken for ${labels[j]}`,
  );
  return [
    `${labels.length} classes; what is confused most often:`,
    ...(rows.length > 0 ? rows : ["  nothing"]),
  ]
    .map((line) => shortenedTo(line, columns))
    .join("\n");
}
