export { RuntimeError } from "./errors.js";
export type { Session, SessionOptions, Tensors } from "./session.js";
export { createSession } from "./session.js";
