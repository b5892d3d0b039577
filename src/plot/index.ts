export { type FigureOptions, type FigureSpec, figureSpec } from "./figure-spec.js";
export type { Plottable } from "./scene.js";
export { type PngOptions, toPng } from "./to-png.js";
export { toSvg } from "./to-svg.js";
export { type TerminalOptions, toTerminal } from "./to-terminal.js";
