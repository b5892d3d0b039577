import { normalizationRewrites } from "./normalization.js";
import { poolRewrites } from "./pool.js";
import type { Rewrite } from "./rewrite.js";

/** Operators of ONNX itself that the builder writes otherwise than it is asked for. */
export const rewrites: Readonly<Record<string, Rewrite | undefined>> = {
  ...normalizationRewrites,
  ...poolRewrites,
};
