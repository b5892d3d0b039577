import {
  type Bitmap,
  element,
  encodePng,
  escaped,
  headed,
  label,
  moved,
  type PlacedImage,
  paddedTo,
  pngUri,
  shortenedTo,
  shortenedToPixels,
  terminalColor,
} from "lrfind/draw";
import type { PictureParts } from "../picture.js";
import { type LabelledImages, type LabelledItem, WRONG } from "./labelled-item.js";

const SIDE = 132;
const GAP = 16;
const HEAD = 62;
const LINE = 16;
const LARGEST_ROW = 8;
const SHADES = " .:-=+*#%@";

interface Placed {
  readonly item: LabelledItem;
  readonly image: PlacedImage;
  readonly x: number;
  readonly y: number;
}

/** Images in rows, each with its labels under it. */
export function imageGrid({ title, note, items }: LabelledImages): Omit<PictureParts, "where"> {
  const perRow = Math.min(LARGEST_ROW, Math.max(3, Math.ceil(Math.sqrt(items.length))));
  const lines = Math.max(0, ...items.map(({ labels }) => labels.length));
  const tile = { width: SIDE + GAP, height: SIDE + LINE * lines + GAP };
  const size = {
    width: 24 + tile.width * perRow,
    height: HEAD + tile.height * Math.ceil(items.length / perRow) + 4,
  };
  const placed = items.map((item, i): Placed => {
    const x = 20 + (i % perRow) * tile.width;
    const y = HEAD + Math.floor(i / perRow) * tile.height;
    return { item, image: placedImage(item.shown.bitmap, x, y), x, y };
  });
  return {
    ...size,
    images: () => placed.map(({ image }) => image),
    draw: (isEmbedding) =>
      headed({ title, note, ...size }, ...placed.map((each) => drawTile(each, isEmbedding))),
    text: (columns, color) => textGrid({ title, note, items }, columns, color),
  };
}

/** As large as fits into its square, in its middle; small images stay pixelated. */
function placedImage(bitmap: Bitmap, x: number, y: number): PlacedImage {
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  return {
    png: encodePng(bitmap),
    x: x + (SIDE - width) / 2,
    y: y + (SIDE - height) / 2,
    width,
    height,
    isPixelated: scale > 1.5,
  };
}

function drawTile({ item, image, x, y }: Placed, isEmbedding: boolean): string {
  const { png, width, height } = image;
  const heading = item.labels.map(({ name, value }) => `${name} ${value}`).join(", ");
  return element(
    "g",
    { class: item.isWrong ? "item wrong" : "item" },
    element("title", {}, escaped(heading)),
    isEmbedding
      ? element("image", {
          x: image.x,
          y: image.y,
          width,
          height,
          href: pngUri(png),
          ...(image.isPixelated ? { style: "image-rendering:pixelated" } : {}),
        })
      : "",
    ...item.labels.map((each, i) =>
      label(shortenedToPixels(lineOf(each, item.labels.length), 12.5, SIDE + GAP - 6), {
        transform: moved(x, y + SIDE + LINE * (i + 1)),
        "font-size": 12.5,
        ...(item.isWrong ? { fill: WRONG } : {}),
      }),
    ),
  );
}

/** A label alone needs no name. */
function lineOf({ name, value }: LabelledItem["labels"][number], count: number): string {
  return count === 1 ? value : `${name}: ${value}`;
}

/** Two pixels a character where there are colours, the upper half of a block in the one, its ground in the other. */
function textGrid({ title, note, items }: LabelledImages, columns: number, color: boolean): string {
  const perRow = Math.max(1, Math.min(items.length, Math.floor((columns + 2) / 26)));
  const width = Math.max(8, Math.min(32, Math.floor((columns + 2) / perRow) - 2));
  const rows: string[] = [];
  for (let start = 0; start < items.length; start += perRow) {
    const group = items.slice(start, start + perRow);
    const blocks = group.map((item) => [
      ...imageLines(item.shown.bitmap, width, color),
      ...item.labels.map((label) => {
        const line = shortenedTo(lineOf(label, item.labels.length), width - (item.isWrong ? 2 : 0));
        return { line: item.isWrong ? `! ${line}` : line, columns: undefined };
      }),
    ]);
    const height = Math.max(...blocks.map((block) => block.length));
    for (let i = 0; i < height; i++) {
      const parts = blocks.map((block) => {
        const part = block[i];
        if (part?.columns !== undefined) return part.line + " ".repeat(width - part.columns);
        return paddedTo(part?.line ?? "", width);
      });
      rows.push(parts.join("  ").trimEnd());
    }
    rows.push("");
  }
  return [shortenedTo(title, columns), shortenedTo(note, columns), "", ...rows].join("\n").trimEnd();
}

function imageLines(
  { width, height, channels, data }: Bitmap,
  columns: number,
  color: boolean,
): { line: string; columns: number | undefined }[] {
  const scale = columns / Math.max(width, height);
  const [across, down] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  /** The mean colour of a part of the image; undefined below its end. */
  const at = (x: number, y: number): readonly [number, number, number] | undefined => {
    if (y >= down) return undefined;
    const [fromX, toX] = span(x, across, width);
    const [fromY, toY] = span(y, down, height);
    const sum = [0, 0, 0] as [number, number, number];
    for (let row = fromY; row < toY; row++) {
      for (let column = fromX; column < toX; column++) {
        for (let c = 0; c < 3; c++)
          sum[c]! += data[(row * width + column) * channels + Math.min(c, channels - 1)]!;
      }
    }
    const n = (toX - fromX) * (toY - fromY);
    return [sum[0] / n, sum[1] / n, sum[2] / n];
  };
  return Array.from({ length: Math.ceil(down / 2) }, (_, row) => {
    const cells = Array.from({ length: across }, (_, x) => [at(x, 2 * row)!, at(x, 2 * row + 1)] as const);
    const line = cells
      .map(([upper, lower]) => (color ? halfBlock(upper, lower) : shade(upper, lower)))
      .join("");
    return color ? { line: `${line}\u001b[0m`, columns: across } : { line, columns: undefined };
  });
}

/** Which pixels of `size` the i-th of `n` parts covers: at least one. */
function span(i: number, n: number, size: number): readonly [from: number, to: number] {
  const from = Math.floor((i * size) / n);
  return [from, Math.max(from + 1, Math.floor(((i + 1) * size) / n))];
}

type Rgb = readonly [red: number, green: number, blue: number];

function halfBlock(upper: Rgb, lower: Rgb | undefined): string {
  const ground = lower === undefined ? "\u001b[49m" : `\u001b[48;5;${terminalColor(...lower)}m`;
  return `\u001b[38;5;${terminalColor(...upper)}m${ground}▀`;
}

/** A character that is denser the lighter the image is there. */
function shade(upper: Rgb, lower: Rgb = upper): string {
  // ITU-R BT.601's weights of the three colours.
  const light = (color: Rgb) => 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
  const share = (light(upper) + light(lower)) / 2 / 255;
  return SHADES[Math.min(SHADES.length - 1, Math.floor(share * SHADES.length))]!;
}
