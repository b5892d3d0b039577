export { RuntimeError } from "./errors.js";
export type { RawSession, RawSessionOptions } from "./rawSession.js";
export { createRawSession } from "./rawSession.js";
export type { Session, SessionOptions, Tensors } from "./session.js";
export { createSession } from "./session.js";
