export type { RuntimeConfig } from "./configure.js";
export { configureRuntime } from "./configure.js";
export { createSession } from "./create-session.js";
export { RuntimeError } from "./errors.js";
export type { Provider } from "./provider.js";
export { defaultProvider } from "./provider.js";
export type { RawSession, RawSessionOptions } from "./raw-session.js";
export { createRawSession } from "./raw-session.js";
export type { Session, SessionOptions, Tensors } from "./session.js";
