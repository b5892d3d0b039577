import { GlobalFonts } from "@napi-rs/canvas";
import { afterEach, expect, test, vi } from "vitest";
import { LrfindError } from "../../src/finder/index.js";
import { toPng } from "../../src/plot/index.js";

afterEach(() => vi.restoreAllMocks());

test("a font that cannot be read is named, and tried again the next time", async () => {
  const curve = { numIt: 100, stop: "completed", lr: [1, 2], loss: [1, 2], smoothed: [1, 2] } as const;
  const register = vi.spyOn(GlobalFonts, "registerFromPath").mockReturnValue(null);
  const error = await toPng({ curve, suggestions: {} }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LrfindError);
  expect((error as Error).message).toMatch(
    /^toPng: expected a readable font, got .*lato-latin-400-normal\.woff2; try installing @fontsource\/lato again$/,
  );
  register.mockRestore();
  expect((await toPng({ curve, suggestions: {} })).length).toBeGreaterThan(1000);
});
