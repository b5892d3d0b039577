// What events and results are made of, as somebody else may have written them.
import { arrayOf, type Check, checkArgument, type Fail, integer, number, required } from "../core/index.js";

export const index = required(integer({ min: 0 }));
export const anyNumber: Check = required({
  expected: "a number",
  accepts: (value) => typeof value === "number",
});
export const milliseconds = required(number({ min: 0 }));
export const object: Check = required({
  expected: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
});

export const rates: Check = required({
  expected: "a rate above 0, or a list of them",
  accepts: (value) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.length > 0 && list.every((lr) => typeof lr === "number" && lr > 0 && Number.isFinite(lr));
  },
});

export const cost: Check = {
  expected: "{ count, durationMs }",
  accepts: (value) =>
    object.accepts(value) && Object.values(value as object).every((part) => Number.isFinite(part)),
};

export const diagnostics: Check = arrayOf({
  expected: "{ kind, message }",
  accepts: (value) => object.accepts(value) && ["kind", "message"].every((field) => isString(value, field)),
});

function isString(value: unknown, field: string): boolean {
  return typeof (value as Record<string, unknown>)[field] === "string";
}

/** Checks the fields of something that was read, by their names; others are let be. */
export function checkFields(
  where: string,
  value: object,
  {
    path,
    checks,
    fail,
  }: {
    /** Where the value is, for the message; `""` for the whole. */
    readonly path: string;
    readonly checks: Readonly<Record<string, Check>>;
    readonly fail: Fail;
  },
): void {
  for (const [field, check] of Object.entries(checks)) {
    const part = (value as Record<string, unknown>)[field];
    if (part === undefined && !check.required) continue;
    checkArgument(where, path === "" ? field : `${path}.${field}`, part, check, fail);
  }
}
