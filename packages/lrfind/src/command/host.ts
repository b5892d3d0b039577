import pico from "picocolors";
import { asciiOf, knowsUnicode } from "./ascii.js";

/** What a command talks to: the process, or a test's stand-in. */
export interface Host {
  /** Results: standard output. */
  out(text: string): void;
  /** Progress, notes and errors: standard error. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that paths are relative to. */
  readonly cwd: string;
  /** The line that was typed, for a report that says how to repeat it. */
  readonly line: string;
  /** Whether standard error is a terminal, where a bar can move. */
  readonly hasBar: boolean;
  /** Whether standard output shows colours. */
  readonly hasColor: boolean;
  /** Calls back at Ctrl-C; gives what ends that. */
  onInterrupt(callback: () => void): () => void;
}

/** This process. */
export function processHost(): Host {
  const { env } = process;
  const shown = knowsUnicode(env) ? (text: string) => text : asciiOf;
  return {
    out: (text) => void process.stdout.write(shown(text)),
    err: (text) => void process.stderr.write(shown(text)),
    env,
    cwd: process.cwd(),
    line: ["lrfind", ...process.argv.slice(2).map(quoted)].join(" "),
    hasBar: process.stderr.isTTY === true && env["TERM"] !== "dumb",
    hasColor: pico.isColorSupported,
    onInterrupt(callback) {
      process.on("SIGINT", callback);
      return () => void process.off("SIGINT", callback);
    },
  };
}

/** A word as a shell takes it for one. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
