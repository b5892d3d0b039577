import { describe, expect, it } from "vitest";
import { ImageProcessor, processorFromJSON, TextProcessor } from "../../../src/data/index.js";

describe("processorFromJSON", () => {
  it("reads back whichever processor it was", () => {
    const text = TextProcessor.fit(["a b"], { minFreq: 1 });
    const image = new ImageProcessor({
      shape: [1, 2, 2],
      resize: null,
      augment: [],
      normalization: { scale: 1, mean: [0], std: [1] },
      vocab: [],
    });
    for (const processor of [text, image]) {
      const restored = processorFromJSON(JSON.parse(JSON.stringify(processor)));
      expect(restored).toBeInstanceOf(processor.constructor);
      expect(restored.spec).toEqual(processor.spec);
    }
  });

  it.each([[null], [{}], [{ kind: "toString" }], ["text"]])("rejects %j", (json) => {
    expect(() => processorFromJSON(json)).toThrow(
      "expected the JSON of a processor, of kind image, tabular, text, got kind",
    );
  });
});
