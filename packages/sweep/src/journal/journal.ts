import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { FileError } from "lrfind/core";
import type { JobResult, JobSpec } from "../job/index.js";
import type { SweepSpec } from "../plan/index.js";

/** A line of a journal. */
export type JournalEntry =
  | { readonly kind: "begun"; readonly at: string; readonly spec: SweepSpec; readonly launcher: string }
  | { readonly kind: "queued"; readonly at: string; readonly hash: string; readonly spec: JobSpec }
  | { readonly kind: "started"; readonly at: string; readonly hash: string; readonly worker: string }
  | { readonly kind: "waiting"; readonly at: string; readonly why: string }
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
   * Adds a line for each event, and waits until the disk has them.
   *
   * @throws {FileError} when it cannot be written.
   */
  append(...events: readonly JournalEvent[]): void {
    if (events.length === 0) return;
    const at = new Date().toISOString();
    const lines = events.map((event) => `${JSON.stringify({ ...event, at })}\n`).join("");
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      // Also to be read, for its last byte.
      const file = openSync(this.#path, "a+");
      try {
        const whole = Buffer.from(`${endsInLine(file) ? "" : "\n"}${lines}`);
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
    return [...this.entries()];
  }

  /** The same, one after the other: a long journal is never in memory as a whole. */
  *entries(): Generator<JournalEntry> {
    if (!existsSync(this.#path)) return;
    for (const line of linesOf(this.#path)) {
      if (line === "") continue;
      try {
        const entry = JSON.parse(line) as JournalEntry;
        if (typeof Object(entry).kind === "string") yield entry;
      } catch {
        // A line that a process did not finish.
      }
    }
  }
}

const READ_AT_ONCE = 1 << 16;

function* linesOf(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const decoder = new StringDecoder("utf8");
    const buffer = Buffer.alloc(READ_AT_ONCE);
    let rest = "";
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) break;
      const lines = decoder.write(buffer.subarray(0, count)).split("\n");
      lines[0] = rest + lines[0]!;
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest + decoder.end();
  } finally {
    closeSync(file);
  }
}

function endsInLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
