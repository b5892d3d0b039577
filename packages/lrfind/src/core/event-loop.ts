/** How long code may run before it gives way. With a step of up to as long again, that makes the 10 ms promised. */
const EVERY_MS = 5;

/** What giving way depends on. */
export interface Surroundings {
  /** The time in milliseconds, from any origin. */
  readonly now: () => number;
  /** Resolves in a later task of the event loop. */
  readonly task: () => Promise<void>;
  /** How long to go on before giving way. */
  readonly everyMs: number;
}

/**
 * Makes a `yieldIfDue` for some surroundings. All loops that share one share its clock too: where one has just given
 * way, the others need not.
 *
 * @example
 * ```ts
 * const yieldIfDue = yielding({ now: () => performance.now(), task: nextTask, everyMs: 5 });
 * ```
 */
export function yielding({ now, task, everyMs }: Surroundings): () => Promise<void> | undefined {
  let since = now();
  let pending: Promise<void> | undefined;
  return () => {
    // A clock that was set back, such as a test's, must not stop it for as long.
    if (pending === undefined && Math.abs(now() - since) < everyMs) return undefined;
    pending ??= task().finally(() => {
      pending = undefined;
      since = now();
    });
    return pending;
  };
}

/**
 * Gives way to the event loop, where code has held it for some milliseconds: to timers (an abort among them), to what
 * came over the network, to the frames of a page. To be awaited in every loop whose body may never leave the thread:
 * awaiting a promise that is already settled lets nothing else run.
 *
 * It asks the clock and no more where nothing is due, which takes some 50 ns.
 *
 * @example
 * ```ts
 * for await (const batch of loader.epoch()) {
 *   await yieldIfDue();
 *   signal?.throwIfAborted();
 *   …
 * }
 * ```
 */
export const yieldIfDue = yielding({ now: () => performance.now(), task: nextTask, everyMs: EVERY_MS });

/** Taken when the module loads, so that a test's fake timers do not stop a training that waits for the next task. */
const immediate = (globalThis as { readonly setImmediate?: (callback: () => void) => unknown }).setImmediate;

/**
 * Resolves in the next task of the event loop, without a timer: those wait for at least 1 ms in Node, 4 ms in a page
 * that uses them in turn, and a second in a tab that nobody looks at.
 *
 * Nor is it `scheduler.yield()`, which resumes before the timers and messages that are already waiting: an abort among
 * them would have to wait as long as before.
 */
export function nextTask(): Promise<void> {
  if (immediate !== undefined) return new Promise((resolve) => immediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      // An open port would keep a process, or the channel itself, alive.
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
