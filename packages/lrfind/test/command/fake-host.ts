import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../src/command/host.js";

/** A host in a folder of its own, which keeps what it is told. */
export interface FakeHost extends Host {
  readonly stdout: string;
  readonly stderr: string;
  /** Presses Ctrl-C. */
  interrupt(): void;
}

export function fakeHost(env: Readonly<Record<string, string>> = {}): FakeHost {
  const listeners = new Set<() => void>();
  const told = { stdout: "", stderr: "" };
  return {
    out(text) {
      told.stdout += text;
    },
    err(text) {
      told.stderr += text;
    },
    env: { COLUMNS: "80", ...env },
    cwd: mkdtempSync(join(tmpdir(), "command-")),
    line: "lrfind",
    hasBar: false,
    hasColor: false,
    onInterrupt(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    get stdout() {
      return told.stdout;
    },
    get stderr() {
      return told.stderr;
    },
    interrupt() {
      for (const listener of listeners) listener();
    },
  };
}
