import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(path, new URL("..", import.meta.url)), "utf8");

test("the README's example is the file that runs", () => {
  const block = /<!-- quickstart -->\n+```ts\n([\s\S]*?)```\n+<!-- \/quickstart -->/.exec(read("README.md"));
  expect(block?.[1]).toBe(read("examples/quickstart.mjs"));
});
