import { type Check, made } from "lrfind/core";
import type { Recipe } from "./columns/column-spec.js";
import { COLUMN_KINDS } from "./columns/column-spec.js";

/** What a raw table becomes tidy by. */
export const RECIPE_CHECK: Check = {
  expected: "a recipe: { columns: { name: { kind } }, missing: [] }",
  accepts(value) {
    if (typeof value !== "object" || value === null) return false;
    const { columns, missing } = value as Partial<Recipe>;
    if (typeof columns !== "object" || columns === null) return false;
    if (!Array.isArray(missing) || !missing.every((text) => typeof text === "string")) return false;
    return Object.values(columns).every((spec) => COLUMN_KINDS.includes(Object(spec)["kind"]));
  },
  hint: () => "planData(file).recipe",
};

/** A learner, as far as it is used here. */
export const LEARNER_CHECK = made("a Learner", ["export", "predict"], "tabularLearner(dls)");

/** Loaders of items with classes. */
export const CLASS_LOADERS: Check = {
  expected: "data loaders of images with classes",
  accepts: (value) => Array.isArray(Object(value)["vocab"]) && typeof Object(value)["train"] === "object",
  hint: () => "imageDataLoadersFromFolder(…)",
};
