export { type FigureOptions, type FigureSpec, figureSpec } from "./figure/spec.js";
export { type PngOptions, toPng } from "./figure/to-png.js";
export { toSvg } from "./figure/to-svg.js";
export type { Plottable, PlottableFinding, PlottableGroups } from "./scene.js";
export { type TerminalOptions, toTerminal } from "./terminal/to-terminal.js";
