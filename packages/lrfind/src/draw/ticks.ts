/**
 * Ticks for a logarithmic rate axis: the powers of ten inside, or, where fewer than two fit, 1, 2 and 5 times
 * a power of ten; evenly thinned to at most `most`.
 */
export function rateTicks([low, high]: readonly [number, number], most = 12): number[] {
  const ticks = (steps: readonly number[]) => {
    const found: number[] = [];
    for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
      // Number("1e-7") is the nearest double; 10 ** -7 is not, and would print as 9.999999999999999e-8.
      for (const step of steps) found.push(Number(`${step}e${exponent}`));
    }
    return found.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  };
  const decades = ticks([1]);
  const found = decades.length < 2 ? ticks([1, 2, 5]) : decades;
  const stride = Math.ceil(found.length / most);
  return found.filter((_, i) => i % stride === 0);
}

/**
 * Ticks for a linear loss axis: multiples of 1, 2 or 5 times a power of ten, about `count` of them.
 *
 * @returns The ticks with one label each, all with the same number of decimals.
 */
export function lossTicks(
  [low, high]: readonly [number, number],
  count: number,
): { readonly value: number; readonly label: string }[] {
  const rough = (high - low) / count;
  const exponent = Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((factor) => factor * 10 ** exponent >= rough * 0.999) ?? 10;
  const step = factor * 10 ** exponent;
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const plain = Math.max(Math.abs(low), Math.abs(high)) < 1e6 && decimals <= 6;
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high && ticks.length <= 2 * count; k++) {
    const value = k * step;
    ticks.push({ value, label: plain ? value.toFixed(decimals) : value.toExponential(2).replace("e+", "e") });
  }
  return ticks;
}
