import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createCanvas } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { type ImagePlan, planData } from "../../../src/train/index.js";
import { folder } from "../tables.js";

const picture = createCanvas(20, 28).toBuffer("image/png");
let count = 0;

/** A folder of images at some paths. */
function images(paths: readonly string[]): string {
  const root = join(folder, `images-${count++}`);
  for (const path of paths) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), picture);
  }
  return root;
}

const each = (name: string, n: number) => Array.from({ length: n }, (_, i) => `${name}/${i}.png`);

test("classes are the folders; the size is that of small images", async () => {
  const root = images([...each("cat", 12), ...each("dog", 3)]);
  const plan = (await planData(root)) as ImagePlan;
  expect(plan).toMatchObject({
    kind: "images",
    classes: ["cat", "dog"],
    items: 15,
    imageSize: 24,
    hasParts: false,
    loss: "crossEntropy",
    batchSize: 12,
  });
  const text = plan.lines.join("\n");
  expect(text).toContain('one of 2 classes (classification): "cat", "dog"; the rarest, "dog", has 3 images');
  expect(text).toContain("held out: 20 % of each class (--valid-pct)");
  expect(((await planData(root, { imageSize: 40 })) as ImagePlan).imageSize).toBe(40);
});

test("folders that are parts are taken as such", async () => {
  const root = images(["train/cat", "train/dog", "valid/cat", "valid/dog"].flatMap((name) => each(name, 4)));
  const plan = (await planData(root)) as ImagePlan;
  expect(plan).toMatchObject({ hasParts: true, classes: ["cat", "dog"], items: 16 });
  expect(plan.lines.join("\n")).toContain("held out: as the folders say");
});

test.each([
  ["one class", () => images(each("cat", 5)), {}, /two classes or more, a folder each, got one: "cat"/],
  ["no class", () => images(["0.png", "1.png"]), {}, /in folders named for their class, got none/],
  [
    "a target",
    () => images(each("cat", 2)),
    { target: "cat" },
    /target: expected none, for a folder of images/,
  ],
  ["numbers", () => images(each("cat", 2)), { task: "regression" as const }, /expected classification/],
])("%s is refused", async (_, make, options, words) => {
  await expect(planData(make(), options)).rejects.toThrow(words);
});
