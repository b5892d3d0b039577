import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutTo, paddedTo, shortenedTo, widthOf, wrapped } from "../../src/draw/index.js";

test.each<[string, number]>([
  ["valley", 6],
  ["学習率", 6],
  ["e\u0301\u0302", 1],
  ["👩‍👩‍👧", 2],
  ["🫠", 2],
  ["━·▲┤…", 5],
  ["", 0],
])("%s takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("cutting keeps characters whole", () => {
  expect(cutTo("学習率", 5)).toBe("学習");
  expect(cutTo("ae\u0301b", 2)).toBe("ae\u0301");
  expect(cutTo("a👩‍👩‍👧b", 2)).toBe("a");
  expect(cutTo("abc", 0)).toBe("");
  expect(shortenedTo("学習率", 6)).toBe("学習率");
  expect(shortenedTo("学習率", 5)).toBe("学習…");
  expect(paddedTo("学", 4)).toBe("学  ");
  expect(paddedTo("学習率", 4)).toBe("学習率");
});

describe("wrapping", () => {
  test("breaks between words, and within a word that is too wide", () => {
    expect(wrapped("half way down the longest descent", 12)).toEqual([
      "half way",
      "down the",
      "longest",
      "descent",
    ]);
    expect(wrapped("a 学習率学習率 b", 5)).toEqual(["a", "学習", "率学", "習率", "b"]);
    expect(wrapped("", 5)).toEqual([""]);
  });

  test("loses nothing and fits, whatever the text", () => {
    const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.lorem());
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (text, columns) => {
        const lines = wrapped(text, columns);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        if (columns >= 8) expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});
