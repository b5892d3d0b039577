export { beta } from "./beta.js";
export { normal, randomUint32, uniform } from "./draw.js";
export { fillDropoutMask } from "./dropout.js";
export { fillNormal, fillUniform } from "./fill.js";
export type { RandomKey } from "./key.js";
export { permutation } from "./permutation.js";
export { RandomSequence } from "./sequence.js";
