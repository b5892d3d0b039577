import { type Checks, checkOptions, integer, number, terminalColumns } from "lrfind/core";
import { checkPixels, rasterise, svgDocument } from "lrfind/draw";

/** A picture, for a page, a file, a terminal or a notebook. */
export interface Picture {
  /** An SVG document. Its fonts are named, not embedded; its parts have classes. */
  toSvg(): string;
  /**
   * The bytes of a PNG image.
   *
   * @param options.scale - Pixels of the image per pixel of the layout, above 0 and up to 8. Default: 2.
   * @throws {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
   */
  toPng(options?: { readonly scale?: number }): Promise<Uint8Array>;
  /**
   * Lines of text without colour.
   *
   * @param options.columns - Most columns per line, an integer from 20 to 1000. Default: the terminal's.
   */
  toTerminal(options?: { readonly columns?: number }): string;
}

/** What a picture is made of. */
export interface PictureParts {
  /** Who makes it, for errors. */
  readonly where: string;
  readonly width: number;
  readonly height: number;
  /** The inside of the SVG. */
  draw(): string;
  text(columns: number): string;
}

const PNG: Checks<{ readonly scale?: number }> = { scale: number({ above: 0, max: 8 }) };
const TERMINAL: Checks<{ readonly columns?: number }> = { columns: integer({ min: 20, max: 1000 }) };

/** Makes a picture, which a notebook with a TypeScript kernel shows by itself. */
export function pictureOf({ where, width, height, draw, text }: PictureParts): Picture {
  const svgOf = (scale: number) => svgDocument({ width, height, scale }, draw());
  const picture: Picture = {
    toSvg: () => svgOf(1),
    async toPng(options = {}) {
      checkOptions(`${where} toPng`, options, PNG);
      const { scale = 2 } = options;
      checkPixels(where, { width, height }, scale);
      return await rasterise(where, svgOf(scale), { width, height, scale });
    },
    toTerminal(options = {}) {
      checkOptions(`${where} toTerminal`, options, TERMINAL);
      return text(options.columns ?? terminalColumns());
    },
  };
  return Object.defineProperty(picture, Symbol.for("Jupyter.display"), {
    value: () => ({ "image/svg+xml": svgOf(1), "text/plain": text(80) }),
  });
}
