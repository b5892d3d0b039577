// What every picture of lrfind is drawn with: elements of an SVG, the widths of texts, colours and shapes, ticks, and the
// way from an SVG to a PNG. For lrfind's own packages; it may change with any version.
export { type Axis, axisBelow, axisLeft, type Tick } from "./axes.js";
export {
  type ChartLine,
  chartDomains,
  drawLineChart,
  type LineChart,
  type PictureSize,
} from "./line-chart.js";
export {
  AXIS,
  blue,
  COLORS,
  GRID,
  INK,
  type MarkStyle,
  markStyles,
  QUIET,
  type SymbolName,
  symbolPath,
} from "./palette.js";
export { type Bitmap, encodePng, pngUri } from "./png.js";
export { checkPixels, type PlacedImage, rasterise } from "./rasterise.js";
export { element, escaped, headed, label, moved, type PictureHead, svgDocument } from "./svg.js";
export { showsColor, terminalColor } from "./terminal-color.js";
export { textChart } from "./text-chart.js";
export { FONT, shortenedToPixels, textWidth } from "./text-size.js";
export { charactersOf, cutTo, paddedTo, shortenedTo, textRows, widthOf, wrapped } from "./text-width.js";
export { lossTicks, rateTicks } from "./ticks.js";
