import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { plainText, terminalColumns } from "../../src/core/index.js";

describe("plainText", () => {
  test.each<[string, string, string]>([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["colours by the one-byte form", "\u009b31mred", "red"],
    ["a terminal's title", "\u001b]0;owned\u0007name", "name"],
    ["a link", "\u001b]8;;https://a.example\u001b\\name\u001b]8;;\u001b\\", "name"],
    ["a device command", "\u001bPq#0\u001b\\name", "name"],
    ["a cleared screen", "a\u001b[2J\u001b[Hb", "ab"],
    ["a reset", "\u001bcname", "name"],
    ["an escape alone, at the end", "name\u001b", "name"],
    ["line breaks and tabs", "a\r\nb\tc\u2028d", "a b c d"],
    ["a bell, a backspace, a null", "a\u0007b\bc\0d\u007f", "abcd"],
    ["a reversed direction", "a\u202eb\u2066c", "abc"],
    ["half a character", "a\ud800b\udc00c", "abc"],
    ["a byte order mark", "\ufeffname", "name"],
  ])("takes out %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test.each(["valley", "学習率", "👩‍👩‍👧", "e\u0301", "نرخ", "a (b) [c]; d{e}~", ""])(
    "leaves %s as it is",
    (text) => {
      expect(plainText(text)).toBe(text);
    },
  );

  test("leaves nothing that a terminal would obey, whatever comes", () => {
    const pieces = fc.constantFrom(
      "\u001b",
      "[",
      "]",
      "31",
      "m",
      "\u0007",
      "\u009b",
      "\u009d",
      "a",
      "\n",
      "\\",
      ";",
    );
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    fc.assert(fc.property(any, (text) => !/\p{Cc}|\p{Cs}/u.test(plainText(text))));
  });
});

describe("terminalColumns", () => {
  const stdout = { columns: 120 };
  test.each<[string, Parameters<typeof terminalColumns>[0], number]>([
    ["80 where nothing is known", {}, 80],
    ["80 where output is no terminal", { env: {}, stdout: { columns: undefined } }, 80],
    ["the terminal's", { env: {}, stdout }, 120],
    ["COLUMNS before the terminal's", { env: { COLUMNS: "60" }, stdout }, 60],
    ["the terminal's where COLUMNS is empty", { env: { COLUMNS: "" }, stdout }, 120],
    ["the terminal's where COLUMNS is no number", { env: { COLUMNS: "wide" }, stdout }, 120],
    ["the terminal's where COLUMNS is negative", { env: { COLUMNS: "-5" }, stdout }, 120],
    ["the terminal's where COLUMNS is no integer", { env: { COLUMNS: "70.5" }, stdout }, 120],
    ["80 where a terminal says 0", { stdout: { columns: 0 } }, 80],
    ["20 as it is", { env: { COLUMNS: "20" } }, 20],
    ["200 as it is", { env: { COLUMNS: "200" } }, 200],
    ["1 as 20", { env: { COLUMNS: "1" } }, 20],
    ["80 where COLUMNS is 0", { env: { COLUMNS: "0" } }, 80],
    ["at least 20", { env: { COLUMNS: "3" } }, 20],
    ["at most 200", { stdout: { columns: 512 } }, 200],
  ])("%s", (_, host, columns) => {
    expect(terminalColumns(host)).toBe(columns);
  });

  test("are this process's by default, and 80 where there is none", () => {
    vi.stubEnv("COLUMNS", "61");
    try {
      expect(terminalColumns()).toBe(61);
      vi.stubGlobal("process", undefined);
      expect(terminalColumns()).toBe(80);
    } finally {
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    }
  });
});
