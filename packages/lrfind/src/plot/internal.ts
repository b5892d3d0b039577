// For lrfind's own other rooms: what users of this one have no need of.
export { checkDrawable, checkPlottable } from "./checks.js";
export { drawPanel } from "./figure/draw.js";
export { colorOf, DASHES, drawOverlayPanel } from "./figure/draw-overlay.js";
export type { Panel, PanelSize } from "./figure/frame.js";
export { MAX_OVERLAID, type Overlay, overlayOf } from "./overlay.js";
export { findingsOf, type Scene, sceneOf } from "./scene.js";
