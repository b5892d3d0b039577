import { expect, test, vi } from "vitest";
import { toPng } from "../../src/plot/index.js";

vi.mock("@napi-rs/canvas", () => {
  throw new Error("Cannot find package '@napi-rs/canvas'");
});

test("without the optional canvas package, the error says what to install", async () => {
  const curve = { numIt: 100, stop: "completed", lr: [1, 2], loss: [1, 2], smoothed: [1, 2] } as const;
  await expect(toPng({ curve, suggestions: {} })).rejects.toThrow(
    /^toPng: expected the optional package @napi-rs\/canvas.*try `npm install @napi-rs\/canvas`, or the SVG/,
  );
});
