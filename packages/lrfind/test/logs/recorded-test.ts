/** Steps of a range test that was made up: falling, then blowing up, with noise of each step's own. */
export interface RecordedTest {
  readonly lr: readonly number[];
  readonly loss: readonly number[];
}

/** A range test from 1e-7 to 10, as a finder would measure it; the same for the same seed. */
export function recordedTest({ steps = 100, seed = 1, noise = 0.03 } = {}): RecordedTest {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lr = Array.from({ length: steps }, (_, i) => 1e-7 * 1e8 ** (i / (steps - 1)));
  const loss = lr.map((rate) => {
    const fall = 1.7 / (1 + Math.exp(-2 * Math.log10(rate / 3e-4)));
    const rise = rate > 0.3 ? (rate / 0.3) ** 1.2 - 1 : 0;
    return 2.3 - fall + rise + noise * 4 * (random() + random() - 1);
  });
  return { lr, loss };
}

/** Columns as CSV. */
export function csvOf(
  columns: Readonly<Record<string, readonly (number | string | undefined)[]>>,
  delimiter = ",",
): string {
  const names = Object.keys(columns);
  const rows = Object.values(columns)[0]!.map((_, i) =>
    names.map((name) => columns[name]![i] ?? "").join(delimiter),
  );
  return `${[names.join(delimiter), ...rows].join("\n")}\n`;
}
