import type { Field, ShownItem } from "./shown-item.js";

/** An item, and what is said of it. */
export interface LabelledItem {
  readonly shown: ShownItem;
  readonly labels: readonly Field[];
  /** Whether the prediction is another than the target. */
  readonly isWrong: boolean;
}

/** Several items under one heading. */
export interface LabelledItems {
  readonly title: string;
  readonly note: string;
  readonly items: readonly LabelledItem[];
}

/** Several images under one heading. */
export interface LabelledImages extends LabelledItems {
  readonly items: readonly (LabelledItem & {
    readonly shown: Extract<ShownItem, { readonly kind: "image" }>;
  })[];
}

/** The colour of what is wrong: Okabe and Ito's vermilion, darkened until texts of it have a contrast of 4.5 on white. */
export const WRONG = "#B34A00";
