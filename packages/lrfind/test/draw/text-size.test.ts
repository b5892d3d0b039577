import { createRequire } from "node:module";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { shortenedToPixels, textWidth } from "../../src/draw/index.js";

const font = createRequire(import.meta.url).resolve("@fontsource/lato/files/lato-latin-400-normal.woff2");
GlobalFonts.registerFromPath(font, "Lato");
const context = createCanvas(1, 1).getContext("2d");
context.font = "1000px Lato";

test("every printable ASCII character is as wide as in the font, to its rounding", () => {
  for (let code = 32; code < 127; code++) {
    const character = String.fromCharCode(code);
    expect(Math.abs(textWidth(character, 1000) - context.measureText(character).width)).toBeLessThan(1);
  }
});

test("a text is at most 2 % narrower than its characters: the font's kerning", () => {
  for (const text of ["smoothed loss", "valley 0.00525", "minimum 0.0759 (0.0632 to 0.0912)"]) {
    const ratio = textWidth(text, 1000) / context.measureText(text).width;
    expect(ratio).toBeGreaterThan(0.995);
    expect(ratio).toBeLessThan(1.02);
  }
});

test("what does not fit ends with an ellipsis, between whole characters", () => {
  expect(shortenedToPixels("valley", 13, 100)).toBe("valley");
  expect(shortenedToPixels("valley".repeat(9), 13, 60)).toMatch(/^valley.*…$/);
  expect(shortenedToPixels("👩‍👩‍👧学学", 13, 30)).toBe("👩‍👩‍👧…");
});
