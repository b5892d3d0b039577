// The round multipliers and the key increments (Weyl constants: the golden ratio and √3 − 1) of Philox4x32.
// A multiplier is kept as two 16-bit halves: JavaScript has no 32 × 32 → 64 bit product.
const M0 = 0xd2511f53;
const M0_HIGH = M0 >>> 16;
const M0_LOW = M0 & 0xffff;
const M1 = 0xcd9e8d57;
const M1_HIGH = M1 >>> 16;
const M1_LOW = M1 & 0xffff;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/**
 * Philox4x32-10 in counter mode: fills `out` with consecutive blocks of four random words.
 *
 * Block b is `philox(counter + [b, 0, 0, 0], key)`, a bijection of the 128-bit counter under the 64-bit key:
 * there is no state, so any word can be drawn first, and by any thread.
 *
 * @param out - Filled entirely, four words a block; the last block may be cut short.
 * @param counter - Four words; the first is the number of the first block and wraps at 2³².
 * @param key - Two words.
 *
 * @example
 * ```ts
 * const words = new Uint32Array(4);
 * philox4x32(words, [0, 0, 0, 0], [0, 0]);
 * words[0]; // 0x6627e8d5
 * ```
 *
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 3.3.
 */
export function philox4x32(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  const first = counter[0] | 0;
  const n = out.length;
  for (let at = 0, block = 0; at < n; at += 4, block++) {
    let c0 = (first + block) | 0;
    let c1 = counter[1] | 0;
    let c2 = counter[2] | 0;
    let c3 = counter[3] | 0;
    let k0 = key[0] | 0;
    let k1 = key[1] | 0;
    for (let round = 0; round < 10; round++) {
      // High word of M0 × c0 and of M1 × c2 by schoolbook multiplication; no partial sum exceeds 32 bits.
      const low0 = c0 & 0xffff;
      const high0 = c0 >>> 16;
      const mid0 = Math.imul(high0, M0_LOW) + (Math.imul(low0, M0_LOW) >>> 16);
      const cross0 = Math.imul(low0, M0_HIGH) + (mid0 & 0xffff);
      const product0 = (Math.imul(high0, M0_HIGH) + (mid0 >>> 16) + (cross0 >>> 16)) | 0;
      const low2 = c2 & 0xffff;
      const high2 = c2 >>> 16;
      const mid2 = Math.imul(high2, M1_LOW) + (Math.imul(low2, M1_LOW) >>> 16);
      const cross2 = Math.imul(low2, M1_HIGH) + (mid2 & 0xffff);
      const product2 = (Math.imul(high2, M1_HIGH) + (mid2 >>> 16) + (cross2 >>> 16)) | 0;
      const next0 = product2 ^ c1 ^ k0;
      const next2 = product0 ^ c3 ^ k1;
      c1 = Math.imul(M1, c2);
      c3 = Math.imul(M0, c0);
      c0 = next0;
      c2 = next2;
      k0 = (k0 + W0) | 0;
      k1 = (k1 + W1) | 0;
    }
    // Writes past the end of a typed array are ignored, which cuts the last block.
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
  }
}
