import { readFile } from "node:fs/promises";
import { withMetadata } from "@lrfind/engine/internal";
import { checkArgument, string, writeAtomically } from "lrfind/core";
import type { Learner } from "../learner/index.js";
import { LEARNER_CHECK, RECIPE_CHECK } from "./checks.js";
import type { Recipe } from "./columns/column-spec.js";

/** The name in a model's metadata under which its recipe is kept. */
export const RECIPE = "lrfind.recipe";

/**
 * Writes a learner's model, and into it the recipe by which raw rows become what it was trained on: `predictData` reads
 * files like the one that it learnt from.
 *
 * @param path - Of the `.onnx` file.
 * @throws {FileError} when it cannot be written.
 *
 * @example
 * ```ts
 * const plan = await planData("penguins.csv", { target: "species" });
 * if (plan.kind === "table") await exportWithRecipe(learn, "model.onnx", plan.recipe);
 * ```
 */
export async function exportWithRecipe(learn: Learner, path: string, recipe: Recipe): Promise<void> {
  checkArgument("exportWithRecipe", "learn", learn, LEARNER_CHECK);
  checkArgument("exportWithRecipe", "path", path, string);
  checkArgument("exportWithRecipe", "recipe", recipe, RECIPE_CHECK);
  await learn.export(path);
  await writeAtomically(path, [withMetadata(await readFile(path), { [RECIPE]: JSON.stringify(recipe) })]);
}
