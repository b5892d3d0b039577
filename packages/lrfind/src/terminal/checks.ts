import { type Check, made } from "../core/index.js";

/** A stream that text can be written to. */
export const writable: Check = made("a writable stream", ["write"], "process.stdout");
