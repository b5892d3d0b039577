import type { Session } from "@lrfind/engine";
import { LearnerError } from "../../errors.js";

/** A graph made ready to run, with what its user knows of it. */
export interface Compiled {
  readonly session: Session;
}

interface Entry {
  readonly compiled: Promise<Compiled>;
  /** Runs that have begun and not ended. */
  users: number;
  /** Whether it could not be made. */
  hasFailed: boolean;
}

/**
 * The sessions of a learner: those used last, up to a limit. Each holds on to the memory of its largest run (1.1 MiB for a
 * small network), and a learner may see any number of shapes. One that is dropped is made anew when it is needed again.
 */
export class SessionCache implements AsyncDisposable {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  /** @param limit - Sessions that are kept; more live only while as many are running at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Sessions that are kept now. */
  get size(): number {
    return this.#entries.size;
  }

  /** @throws {LearnerError} once the sessions are disposed. */
  checkOpen(where: string): void {
    if (!this.#disposal) return;
    throw new LearnerError({
      where,
      expected: "a learner in use",
      got: "one that has been disposed",
      hint: "to dispose it later, or a new Learner that loads what save() wrote",
    });
  }

  /**
   * Uses the session of a key, made first where it is not there. It is not released meanwhile.
   *
   * @param key - Tells apart all that the cache is used for.
   * @throws {LearnerError} once the cache is disposed; and what making or using it throws. Where another caller's attempt to
   *   make it fails, this one makes its own.
   */
  async use<C extends Compiled, R>(
    key: string,
    make: () => Promise<C>,
    act: (compiled: C) => Promise<R>,
  ): Promise<R> {
    this.checkOpen("Learner");
    const known = this.#entries.get(key);
    const entry = known ?? { compiled: this.#make(make), users: 0, hasFailed: false };
    // Up to here nothing was waited for, so that nobody can release it in between.
    entry.users++;
    // The one used last goes to the end.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const run = this.#run(key, entry, act as (compiled: Compiled) => Promise<R>);
    this.#running.add(run);
    try {
      return await run;
    } catch (error) {
      // Somebody else's attempt may have been aborted, or failed for what it alone was given.
      if (known?.hasFailed) return await this.use(key, make, act);
      throw error;
    } finally {
      this.#running.delete(run);
    }
  }

  /** Waits for the runs that have begun, and releases all sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  /** Makes a session, after room for it was made. */
  async #make(make: () => Promise<Compiled>): Promise<Compiled> {
    // Later, when the one to be made is among the entries.
    await Promise.resolve();
    await this.#evict();
    return make();
  }

  async #run<R>(key: string, entry: Entry, act: (compiled: Compiled) => Promise<R>): Promise<R> {
    try {
      let compiled: Compiled;
      try {
        compiled = await entry.compiled;
      } catch (error) {
        // A graph that cannot be built is tried anew next time: the model may have been mended.
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        entry.hasFailed = true;
        throw error;
      }
      return await act(compiled);
    } finally {
      entry.users--;
      if (this.#entries.size > this.#limit) await this.#evict();
    }
  }

  /** Releases those that nobody uses, the longest unused first, until the limit is kept or none is idle. */
  async #evict(): Promise<void> {
    for (const [key, entry] of [...this.#entries]) {
      if (this.#entries.size <= this.#limit) return;
      if (entry.users > 0 || this.#entries.get(key) !== entry) continue;
      this.#entries.delete(key);
      await release(entry);
    }
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#running);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) await release(entry);
  }
}

async function release({ compiled }: Entry): Promise<void> {
  // One that could not be made has nothing to release; its user has the error.
  const [made] = await Promise.allSettled([compiled]);
  if (made.status === "fulfilled") await made.value.session[Symbol.asyncDispose]();
}
