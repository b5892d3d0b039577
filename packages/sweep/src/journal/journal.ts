import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { FileError } from "lrfind/core";
import type { JobResult, JobSpec } from "../job/index.js";
import type { SweepSpec } from "../plan/index.js";

/** A line of a journal. */
export type JournalEntry =
  | { readonly kind: "begun"; readonly at: string; readonly spec: SweepSpec; readonly launcher: string }
  | { readonly kind: "queued"; readonly at: string; readonly hash: string; readonly spec: JobSpec }
  | { readonly kind: "started"; readonly at: string; readonly hash: string; readonly worker: string }
  | { readonly kind: "retried"; readonly at: string; readonly hash: string; readonly why: string }
  | { readonly kind: "ended"; readonly at: string; readonly hash: string; readonly result: JobResult }
  | { readonly kind: "stopped"; readonly at: string; readonly why: string };

/** What a journal takes: an entry without its time. */
export type JournalEvent = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, "at">
    : never
  : never;

/**
 * A file that only grows, an object of JSON a line. Several processes may write to it: each line is one write at its end. A line
 * that a process did not finish, as it was killed, is passed over, and the next one begins on a line of its own.
 */
export class Journal {
  readonly #path: string;

  /** @param path - The file, which is made with its folder where there is none. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Adds a line, and waits until the disk has it.
   *
   * @throws {FileError} when it cannot be written.
   */
  append(event: JournalEvent): void {
    const entry = { ...event, at: new Date().toISOString() };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      // Also to be read, for its last byte.
      const file = openSync(this.#path, "a+");
      try {
        const whole = Buffer.from(`${endsInLine(file) ? "" : "\n"}${JSON.stringify(entry)}\n`);
        const written = writeSync(file, whole);
        if (written < whole.length) {
          throw Object.assign(new Error(`${written} of ${whole.length} bytes were written`), {
            code: "ENOSPC",
          });
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    } catch (cause) {
      const { code = "", message } = cause as NodeJS.ErrnoException;
      throw new FileError(
        {
          where: this.#path,
          expected: "a journal that can be written",
          got: code === "ENOSPC" ? `a full disk (${message})` : message,
          hint: "the same command again, once it can be: nothing that ended is lost",
        },
        { cause },
      );
    }
  }

  /** All entries that are whole, in their order. */
  read(): JournalEntry[] {
    if (!existsSync(this.#path)) return [];
    return readFileSync(this.#path, "utf8")
      .split("\n")
      .flatMap((line) => {
        if (line === "") return [];
        try {
          const entry = JSON.parse(line) as JournalEntry;
          return typeof Object(entry).kind === "string" ? [entry] : [];
        } catch {
          return [];
        }
      });
  }
}

function endsInLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
