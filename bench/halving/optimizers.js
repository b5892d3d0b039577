import { adam, sgd } from "@lrfind/learner";

/** An optimizer by its name. @param {string} name */
export function optimizerOf(name) {
  return name === "adam" ? adam() : sgd({ mom: 0.9 });
}
