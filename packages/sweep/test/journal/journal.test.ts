import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError } from "lrfind/core";
import { expect, test } from "vitest";
import { Journal } from "../../src/journal/internal.js";

const fresh = () => join(mkdtempSync(join(tmpdir(), "journal-")), "deep/journal.jsonl");

test("keeps entries in their order, with the time of each", () => {
  const path = fresh();
  const journal = new Journal(path);
  expect(journal.read()).toEqual([]);
  journal.append({ kind: "started", hash: "a", worker: "1" });
  journal.append({ kind: "stopped", why: "line\nbreak" });
  const entries = new Journal(path).read();
  expect(entries).toMatchObject([
    { kind: "started", hash: "a" },
    { kind: "stopped", why: "line\nbreak" },
  ]);
  for (const { at } of entries) expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(60_000);
});

test("a line that was not finished is passed over, and loses nothing after it", () => {
  const path = fresh();
  const journal = new Journal(path);
  journal.append({ kind: "started", hash: "a", worker: "1" });
  const whole = readFileSync(path);
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    new Journal(path).append({ kind: "started", hash: "b", worker: "2" });
    const hashes = new Journal(path).read().map((entry) => "hash" in entry && entry.hash);
    // Its line break alone may be missing.
    expect(hashes).toEqual(cut >= whole.length - 1 ? ["a", "b"] : ["b"]);
  }
});

test("lines that are none are passed over", () => {
  const path = fresh();
  const journal = new Journal(path);
  journal.append({ kind: "started", hash: "a", worker: "1" });
  appendFileSync(path, 'null\n3\n{"kind":4}\n\n{"a":\n\u0000\u0000\n');
  journal.append({ kind: "started", hash: "b", worker: "1" });
  expect(journal.read().length).toBe(2);
});

test("several processes write to one: every line is whole", async () => {
  const path = fresh();
  new Journal(path).append({ kind: "started", hash: "first", worker: "0" });
  const script = `
    const { Journal } = await import(${JSON.stringify(new URL("../../src/journal/journal.ts", import.meta.url).href)});
    const journal = new Journal(process.argv[1]);
    for (let i = 0; i < 100; i++) journal.append({ kind: "started", hash: process.argv[2] + i, worker: "x".repeat(5000) });
  `;
  const ends = ["a", "b", "c"].map(
    (name) =>
      new Promise((resolve) =>
        spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, path, name], {
          stdio: "inherit",
        }).once("close", resolve),
      ),
  );
  expect(await Promise.all(ends)).toEqual([0, 0, 0]);
  const hashes = new Journal(path).read().map((entry) => "hash" in entry && entry.hash);
  expect(hashes.length).toBe(301);
  for (const name of ["a", "b", "c"]) {
    const own = hashes.filter((hash) => String(hash).startsWith(name));
    expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `${name}${i}`));
  }
});

test("what cannot be written is said", () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  writeFileSync(join(folder, "file"), "");
  const journal = new Journal(join(folder, "file/journal.jsonl"));
  expect(() => journal.append({ kind: "stopped", why: "x" })).toThrow(FileError);
});
