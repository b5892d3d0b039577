import { describe, expect, it } from "vitest";
import { philox4x32 } from "../../src/random/philox.js";

function block(counter: readonly [number, number, number, number], key: readonly [number, number]): number[] {
  const words = new Uint32Array(4);
  philox4x32(words, counter, key);
  return [...words];
}

describe("philox4x32", () => {
  // The known-answer vectors for philox4x32-10 in the file kat_vectors of the authors' library Random123.
  it("gives the published answer for zeros", () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  it("gives the published answer for ones", () => {
    const ones = 0xffffffff;
    const expected = [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd];
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual(expected);
  });

  it("gives the published answer for the digits of pi", () => {
    const counter = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
    const expected = [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1];
    expect(block(counter, [0xa4093822, 0x299f31d0])).toEqual(expected);
  });

  it("counts blocks in the first word of the counter", () => {
    const words = new Uint32Array(12);
    philox4x32(words, [7, 1, 2, 3], [4, 5]);
    const blocks = [7, 8, 9].flatMap((first) => block([first, 1, 2, 3], [4, 5]));
    expect([...words]).toEqual(blocks);
  });

  it("cuts the last block short", () => {
    const words = new Uint32Array(6);
    philox4x32(words, [0, 0, 0, 0], [0, 0]);
    expect([...words]).toEqual([...block([0, 0, 0, 0], [0, 0]), ...block([1, 0, 0, 0], [0, 0]).slice(0, 2)]);
  });
});
