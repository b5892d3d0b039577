// The one place from which this room asks where it runs: tests put another answer here.
export { isNode } from "lrfind/core";
