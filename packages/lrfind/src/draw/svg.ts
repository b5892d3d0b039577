import { plainText } from "../core/index.js";
import { INK, QUIET } from "./palette.js";
import { FONT } from "./text-size.js";

/** What an element's attributes may be; undefined leaves one out. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text inside an SVG, on one line and without what XML forbids. */
export function escaped(text: string): string {
  return plainText(text).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/**
 * An element of an SVG as text.
 *
 * @param children - Elements made by this function, or text made by {@link escaped}.
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? "" : ` ${key}="${typeof value === "number" ? decimal(value) : escaped(value)}"`,
  );
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** A coordinate to a hundredth of a pixel: no eye sees more, and powers differ in their last digit between engines. */
function decimal(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}

/** A translation. */
export function moved(x: number, y: number): string {
  return `translate(${decimal(x)},${decimal(y)})`;
}

/** A document of some size, `scale` times as large as its layout. */
export function svgDocument(
  { width, height, scale = 1 }: { readonly width: number; readonly height: number; readonly scale?: number },
  ...children: readonly string[]
): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      role: "img",
      width: width * scale,
      height: height * scale,
      viewBox: `0 0 ${width} ${height}`,
    },
    ...children,
  );
}

/** A text in ink, unless its attributes say otherwise. */
export function label(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return element("text", { fill: INK, ...attributes }, escaped(text));
}

/** What stands above the rest of a picture, and how large it is. */
export interface PictureHead {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
}

/** The inside of a picture with its heading and a note, above which y = 62 leaves room; and what it says to those who do not see it. */
export function headed({ title, note, width, height }: PictureHead, ...children: readonly string[]): string {
  return [
    element("title", {}, escaped(title)),
    element("desc", {}, escaped(note)),
    element("rect", { class: "ground", width, height, fill: "white" }),
    element(
      "g",
      { "font-family": FONT },
      label(title, { class: "title", x: 20, y: 28, "font-size": 16, "font-weight": 700 }),
      label(note, { class: "note", x: 20, y: 46, "font-size": 12.5, fill: QUIET }),
      ...children,
    ),
  ].join("");
}
