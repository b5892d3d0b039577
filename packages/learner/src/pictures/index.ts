export type { Picture } from "./picture.js";
export { plotConfusionMatrix } from "./plot-confusion-matrix.js";
export { plotLoss, plotSched } from "./plot-loss.js";
