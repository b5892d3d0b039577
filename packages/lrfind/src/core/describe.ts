/**
 * A value as a reader would type it, kept short: `"text"`, `NaN`, `[1, 2]`, `Float32Array(3)`, `an object`,
 * `function sgd`.
 *
 * It never throws, whatever comes: a message about a bad value must not fail on that value.
 */
export function describe(value: unknown): string {
  try {
    return describeValue(value);
  } catch {
    // A proxy or a getter that throws.
    return "a value that cannot be read";
  }
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name ? `function ${value.name}` : "a function";
  if (Array.isArray(value)) {
    const shown = value.slice(0, 6).map(describe).join(", ");
    return value.length > 6 ? `[${shown}, … ${value.length} in all]` : `[${shown}]`;
  }
  if (ArrayBuffer.isView(value)) {
    const { length, byteLength } = value as Partial<Uint8Array>;
    return `${value.constructor.name}(${length ?? byteLength})`;
  }
  if (typeof value === "object" && value !== null) {
    const kind = value.constructor?.name;
    return !kind || kind === "Object" ? "an object" : `an instance of ${kind}`;
  }
  return String(value);
}
