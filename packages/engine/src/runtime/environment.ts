/** True in Node, and in what behaves like it. */
export function isNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}
