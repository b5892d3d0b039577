export { type Descent, type DescentOptions, descend } from "./descent/descend.js";
export { descentToPng, descentToSvg } from "./descent/descent-to-svg.js";
export { displayable, toMimeBundle } from "./displayable.js";
export type { FigureOptions } from "./figure/options.js";
export { type PngOptions, toPng } from "./figure/to-png.js";
export { toSvg } from "./figure/to-svg.js";
export type { NamedResult } from "./overlay.js";
export type { Plottable, PlottableFinding, PlottableGroups } from "./scene.js";
export { type TerminalOptions, toTerminal } from "./terminal/to-terminal.js";
