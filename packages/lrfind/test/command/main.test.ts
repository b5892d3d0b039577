import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { asciiOf, knowsUnicode } from "../../src/command/ascii.js";
import { runCommand } from "../../src/command/program.js";
import { VERSION } from "../../src/command/version.js";
import { toTerminal } from "../../src/plot/index.js";
import { pictureCases } from "../plot/recorded.js";
import { fakeHost } from "./fake-host.js";

const main = fileURLToPath(new URL("../../src/command/main.ts", import.meta.url));

/** The command as a process. */
function lrfind(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, ["--import", "tsx", main, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

test("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(VERSION).toBe(version);
});

test.each([[], ["suggest"], ["run"], ["report"]])("help of %s begins with examples", async (...command) => {
  const host = fakeHost();
  expect(await runCommand([...command, "--help"], host)).toBe(0);
  expect(host.stdout).toMatch(new RegExp(`^Examples:\n {2}lrfind ${command[0] ?? ""}`));
  expect(host.stdout).toContain("Usage: lrfind");
  expect(host.stderr).toBe("");
});

test("help has an example of every command, and no line of it is wider than 100 columns", async () => {
  const host = fakeHost({ COLUMNS: "80" });
  await runCommand([], host);
  for (const name of ["run", "suggest", "report"]) expect(host.stdout).toContain(`  lrfind ${name} `);
  for (const line of host.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("as a process: results on standard output, errors on standard error, the exit code", () => {
  expect(lrfind(["--version"])).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
  expect(lrfind(["sugest"])).toMatchObject({ status: 2, stdout: "" });
  expect(lrfind(["sugest"]).stderr).toContain("Did you mean suggest?");
});

test("a terminal without Unicode is shown ASCII", async () => {
  const { runs } = await pictureCases();
  const text = asciiOf(toTerminal(runs!, { columns: 80, color: false }));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is no ASCII.
  expect(text).not.toMatch(/[^\x00-\x7f]/);
  expect(text).not.toContain("?");
  expect(knowsUnicode({ LANG: "en_GB.UTF-8" })).toBe(true);
  expect(knowsUnicode({ LANG: "C" })).toBe(false);
  expect(knowsUnicode({ LC_ALL: "POSIX", LANG: "en_GB.UTF-8" })).toBe(false);
  expect(knowsUnicode({})).toBe(true);
});
