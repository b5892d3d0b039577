// What every picture of lrfind is drawn with: elements of an SVG, the widths of texts, colours and shapes, ticks, and the
// way from an SVG to a PNG. For lrfind's own packages; it may change with any version.
export {
  type ChartLine,
  chartDomains,
  drawLineChart,
  type LineChart,
  type PictureSize,
} from "./line-chart.js";
export { COLORS, type MarkStyle, markStyles, type SymbolName, symbolPath } from "./palette.js";
export { checkPixels, rasterise } from "./rasterise.js";
export { element, escaped, moved } from "./svg.js";
export { textChart } from "./text-chart.js";
export { FONT, shortenedToPixels, textWidth } from "./text-size.js";
export { charactersOf, cutTo, paddedTo, shortenedTo, widthOf, wrapped } from "./text-width.js";
export { lossTicks, rateTicks } from "./ticks.js";
