/** A sign of currency before a number; what a number is counted in, behind it. */
const BEFORE = /^([+\-\u2212]?)(\p{Sc}|[A-Z]{1,2}\$)[ \u00a0]?(.*\d.*)$/u;
const BEHIND = /^(.*\d[.,]?)[ \u00a0\u202f]?(\p{Sc}|[\p{L}°µ²³/]{1,5})$/u;

/** A number's text, and what it is counted in. */
interface Counted {
  readonly unit: string;
  readonly number: string;
}

/** Takes a unit off a text: `$5`, `5 kg`; undefined where there is none. */
export function withoutUnit(text: string): Counted | undefined {
  const before = BEFORE.exec(text);
  if (before) return { unit: before[2]!, number: `${before[1]}${before[3]}` };
  const behind = BEHIND.exec(text);
  return behind ? { unit: behind[2]!, number: behind[1]! } : undefined;
}

/** The one unit that all texts have, and the texts without it; undefined where they have several, or one has none. */
export function commonUnit(
  texts: readonly string[],
): { readonly unit: string; readonly numbers: readonly string[] } | undefined {
  const numbers: string[] = [];
  let unit: string | undefined;
  for (const text of texts) {
    const counted = withoutUnit(text);
    unit ??= counted?.unit;
    if (counted === undefined || counted.unit !== unit) return undefined;
    numbers.push(counted.number);
  }
  return unit === undefined ? undefined : { unit, numbers };
}
