import { setFlagsFromString } from "node:v8";

/** Whether V8 keeps two objects' layouts in one hidden class. Each further class takes memory until a full collection. */
export const haveSameHiddenClass: (a: object, b: object) => boolean = (() => {
  setFlagsFromString("--allow-natives-syntax");
  try {
    return new Function("a", "b", "return %HaveSameMap(a, b)") as (a: object, b: object) => boolean;
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
})();
