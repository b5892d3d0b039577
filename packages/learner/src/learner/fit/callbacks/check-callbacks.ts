import { arrayOf, type Check, describe, didYouMean, func, made, withHint } from "lrfind/core";
import { type Callback, HOOKS } from "./callback.js";

/** Callbacks: each has a name, and hooks that exist. */
export const callbacks: Check = {
  ...arrayOf(made("a callback", [], "progressCallback()")),
  accepts: (value) =>
    Array.isArray(value) && Array.from(value).every((callback) => faultOf(callback) === undefined),
  expected: "an array of callbacks, each an object with a name and hooks",
  got(value) {
    if (!Array.isArray(value)) return withHint(func, "").got?.(value) ?? describe(value);
    const index = Array.from(value).findIndex((callback) => faultOf(callback) !== undefined);
    return `${faultOf(value[index])!.got} at index ${index}`;
  },
  hint(value) {
    if (!Array.isArray(value)) return faultOf(value) === undefined ? "[callback]" : "[]";
    return Array.from(value, faultOf).find((fault) => fault !== undefined)?.hint;
  },
};

/** What is wrong with a callback. */
function faultOf(callback: unknown): { readonly got: string; readonly hint?: string } | undefined {
  if (typeof callback === "function") {
    return { got: `function ${callback.name}`, hint: `${callback.name || "callback"}()` };
  }
  if (typeof callback !== "object" || callback === null) return { got: describe(callback) };
  const { name, order } = callback as Partial<Callback>;
  if (typeof name !== "string") return { got: "a callback without a name", hint: '{ name: "mine", … }' };
  if (order !== undefined && !Number.isFinite(order))
    return { got: `a callback of order ${describe(order)}` };
  const { keeps } = callback as Partial<Callback>;
  if (keeps !== undefined && keeps !== "batches" && keeps !== "nothing") {
    return { got: `a callback that keeps ${describe(keeps)}`, hint: 'keeps: "batches" or keeps: "nothing"' };
  }
  for (const key of namesOf(callback)) {
    const isHook = (HOOKS as readonly string[]).includes(key) || key === "finish";
    if (!isHook && !/^(before|after)[A-Z]/.test(key)) continue;
    const value = (callback as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (!isHook)
      return {
        got: `a callback with the unknown hook ${key}`,
        hint: didYouMean(key, HOOKS) ?? HOOKS.join(", "),
      };
    if (typeof value !== "function") return { got: `a callback whose ${key} is no function` };
  }
  return undefined;
}

/** Names of an object's fields and methods, those of its class included. */
function namesOf(object: object): string[] {
  const names: string[] = [];
  for (let at: unknown = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  return names;
}
