import type { Recipe } from "../columns/column-spec.js";

/** What stands in a plan whatever the data are. */
interface CommonPlan {
  /** The path of the data. */
  readonly data: string;
  /** What was understood and what would be trained, a line each, for people. */
  readonly lines: readonly string[];
  readonly task: "classification" | "regression";
  readonly loss: "crossEntropy" | "mse";
  /** The model, in words. */
  readonly model: string;
  readonly batchSize: number;
  /** The most. */
  readonly epochs: number;
  readonly seed: number;
  /** The part held out; of images not used where folders are the parts. */
  readonly validPct: number;
  /** Rows with a target, or images, of both parts. */
  readonly items: number;
}

/** A table, and what its columns are taken for. */
export interface TablePlan extends CommonPlan {
  readonly kind: "table" | "text";
  readonly target: string;
  readonly recipe: Recipe;
  readonly delimiter?: string;
  readonly encoding?: string;
  /** Columns of categories, and of numbers, of the tidy table; none for a text. */
  readonly catNames: readonly string[];
  readonly contNames: readonly string[];
  readonly textCol?: string;
  /** Widths of the hidden layers of a table's model. */
  readonly layers: readonly number[];
}

/** A folder of images, a folder a class. */
export interface ImagePlan extends CommonPlan {
  readonly kind: "images";
  /** Height and width that images are brought to. */
  readonly imageSize: number;
  readonly classes: readonly string[];
  /** Whether folders (train, valid) are the parts; else images of each class are held out at random. */
  readonly hasParts: boolean;
}

/** What would be trained on what. */
export type TrainPlan = TablePlan | ImagePlan;
