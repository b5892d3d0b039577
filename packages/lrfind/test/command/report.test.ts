import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runCommand } from "../../src/command/program.js";
import { curveToJson, lrFind, toJson } from "../../src/finder/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";
import { type FakeHost, fakeHost } from "./fake-host.js";

const result = await lrFind(new ToyTrainer(), { numIt: 20 });
const RESULT = toJson(result);
const CURVE = curveToJson(result.curve);

/** Runs `lrfind report` where some files are. */
async function reported(
  files: Readonly<Record<string, string | Uint8Array>>,
  flags: readonly string[] = [],
): Promise<{ readonly host: FakeHost; readonly code: number }> {
  const host = fakeHost();
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(host.cwd, name), contents);
  return { host, code: await runCommand(["report", ...Object.keys(files), ...flags], host) };
}

test("a page of a result, of a curve, of several", async () => {
  for (const files of [{ "r.json": RESULT }, { "c.json": CURVE }, { "r.json": RESULT, "c.json": CURVE }]) {
    const { host, code } = await reported(files, ["--out", "page.html", "--title", "A <title>"]);
    expect(code).toBe(0);
    expect(host.stderr).toBe("wrote page.html\n");
    expect(readFileSync(join(host.cwd, "page.html"), "utf8")).toContain("<h1>A &lt;title&gt;</h1>");
  }
});

test("files that are too large are refused with the flag that takes them", async () => {
  const large = { "r.json": RESULT + " ".repeat(2 ** 21) };
  const { host, code } = await reported(large, ["--max-size", "1"]);
  expect(code).toBe(2);
  expect(host.stderr).toMatch(/expected a file of at most 1 MB, got 2.0 MB; try --max-size 3\n$/);
  expect((await reported(large, ["--max-size", "3"])).code).toBe(0);
});

test("a damaged file makes a page or one clear line, with the right exit code, and leaves no page", async () => {
  const damage = fc.oneof(
    fc.constantFrom("\0", "\n", '"', ",", "1e999", "9".repeat(400), "{", "[", "null", "é", "\u001b[31m", "-"),
    fc.string({ maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(RESULT, CURVE),
      fc.array(fc.tuple(fc.nat(20_000), fc.nat(40), damage), { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(20_000)),
      async (sample, changes, cut) => {
        let text = cut === null ? sample : sample.slice(0, cut % sample.length);
        for (const [at, removed, added] of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + added + text.slice(from + removed);
        }
        const { host, code } = await reported({ "r.json": text });
        expect([0, 2]).toContain(code);
        expect(existsSync(join(host.cwd, "report.html"))).toBe(code === 0);
        expect(host.stdout).toBe("");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them.
        expect(host.stderr).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+\n$/);
        if (code === 2) expect(host.stderr).toMatch(/^lrfind: .*expected .*got /);
      },
    ),
    { numRuns: 2000 },
  );
}, 300_000);

test.each([
  ["deep lists", "[".repeat(100_000)],
  ["deep objects", '{"curve":'.repeat(100_000)],
  ["one long line", `{"format":"lrfind-result","x":"${"y".repeat(5_000_000)}"}`],
  ["nothing", ""],
  ["bytes", Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256)],
])("%s: one clear line", async (_, contents) => {
  const { host, code } = await reported({ "r.json": contents });
  expect(code).toBe(2);
  expect(host.stderr.split("\n").length).toBe(2);
  expect(host.stderr.length).toBeLessThan(1000);
});
