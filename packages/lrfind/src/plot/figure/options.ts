import { type Checks, number, string } from "../../core/index.js";

/** How a figure is laid out. */
export interface FigureOptions {
  /**
   * Width of the whole picture in pixels, legend and margins included; from 640 to 8192.
   *
   * @default 880
   */
  readonly width?: number;
  /**
   * Height of the whole picture in pixels, or, for a finding per parameter group, of each group's; from 360 to 8192.
   *
   * @default 460
   */
  readonly height?: number;
  /**
   * Heading of the picture.
   *
   * @default "Learning rate range test"
   */
  readonly title?: string;
}

/** The checks of a figure's options. */
export const FIGURE_OPTIONS: Checks<FigureOptions> = {
  width: number({ min: 640, max: 8192 }),
  height: number({ min: 360, max: 8192 }),
  title: string,
};

/** The size of a picture. */
export function pictureSize({ width = 880, height = 460 }: FigureOptions): { width: number; height: number } {
  return { width, height };
}
