import type { JobResult } from "../job/index.js";

/** A job as a launcher is given it: a file in, a file out. */
export interface QueuedJob {
  /** Its name. */
  readonly hash: string;
  /** The file of its spec. */
  readonly path: string;
  /** Where its result is to be. */
  readonly out: string;
}

/** What happens to jobs; `waiting`: nothing goes on until somebody does something, or a server is back. */
export type LaunchEvent =
  | { readonly kind: "started"; readonly hash: string; readonly worker: string }
  | { readonly kind: "waiting"; readonly why: string }
  | { readonly kind: "retried"; readonly hash: string; readonly why: string }
  | { readonly kind: "ended"; readonly hash: string; readonly result: JobResult };

/**
 * What runs jobs: a pool on this machine, a queue, a cluster. Jobs have names by what they are, and a result is written whole or
 * not at all: running one twice is harmless.
 */
export interface Launcher extends AsyncDisposable {
  /** In a few words, for people: "2 workers on this machine". */
  readonly name: string;
  /** Takes jobs; it may be called again while others run. */
  submit(jobs: readonly QueuedJob[]): Promise<void>;
  /** What happens, in its order; it ends when the launcher is disposed or cancelled, and throws where it cannot go on. */
  events(): AsyncIterable<LaunchEvent>;
  /** Ends all jobs, and takes those that have not begun out of the queue. */
  cancel(): Promise<void>;
}
