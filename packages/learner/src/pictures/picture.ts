import { boolean, type Checks, checkOptions, integer, number, terminalColumns } from "lrfind/core";
import { checkPixels, type PlacedImage, rasterise, showsColor, svgDocument } from "lrfind/draw";

/** A picture, for a page, a file, a terminal or a notebook. */
export interface Picture {
  /** An SVG document. Its fonts are named, not embedded, images are embedded; its parts have classes. */
  toSvg(): string;
  /**
   * The bytes of a PNG image.
   *
   * @param options.scale - Pixels of the image per pixel of the layout, above 0 and up to 8. Default: 2.
   * @throws {LrfindError} when the optional package `@napi-rs/canvas` is not installed.
   */
  toPng(options?: { readonly scale?: number }): Promise<Uint8Array>;
  /**
   * Lines of text.
   *
   * @param options - See `PictureTerminalOptions`.
   */
  toTerminal(options?: PictureTerminalOptions): string;
}

/** How a picture is written to a terminal. */
export interface PictureTerminalOptions {
  /** Most columns per line, an integer from 20 to 1000. @default the terminal's */
  readonly columns?: number;
  /**
   * Whether photos and the like are drawn in colours; else in characters of different density. Charts have none.
   *
   * @default where standard output is a terminal or CI's log, and as NO_COLOR and FORCE_COLOR say
   */
  readonly color?: boolean;
}

/** What a picture is made of. */
export interface PictureParts {
  /** Who makes it, for errors. */
  readonly where: string;
  readonly width: number;
  readonly height: number;
  /**
   * The inside of the SVG.
   *
   * @param isEmbedding - Whether its images are in it.
   */
  draw(isEmbedding: boolean): string;
  /** The images on it. */
  images?(): readonly PlacedImage[];
  text(columns: number, color: boolean): string;
}

const PNG: Checks<{ readonly scale?: number }> = { scale: number({ above: 0, max: 8 }) };
const TERMINAL: Checks<PictureTerminalOptions> = { columns: integer({ min: 20, max: 1000 }), color: boolean };

/** Makes a picture, which a notebook with a TypeScript kernel shows by itself. */
export function pictureOf({ where, width, height, draw, images, text }: PictureParts): Picture {
  const picture: Picture = {
    toSvg: () => svgDocument({ width, height }, draw(true)),
    async toPng(options = {}) {
      checkOptions(`${where} toPng`, options, PNG);
      const { scale = 2 } = options;
      checkPixels(where, { width, height }, scale);
      const svg = svgDocument({ width, height, scale }, draw(false));
      return await rasterise(where, svg, { width, height, scale }, images?.());
    },
    toTerminal(options = {}) {
      checkOptions(`${where} toTerminal`, options, TERMINAL);
      return text(options.columns ?? terminalColumns(), options.color ?? showsColor());
    },
  };
  return Object.defineProperty(picture, Symbol.for("Jupyter.display"), {
    value: () => ({ "image/svg+xml": picture.toSvg(), "text/plain": text(80, false) }),
  });
}
