import { type Picture, pictureOf } from "../picture.js";
import { imageGrid } from "./image-grid.js";
import { itemTable } from "./item-table.js";
import type { LabelledImages, LabelledItems } from "./labelled-item.js";

/** Items with their labels: images in a grid, all else in a table. */
export function itemsPicture(where: string, list: LabelledItems): Picture {
  return pictureOf({ where, ...(areImages(list) ? imageGrid(list) : itemTable(list)) });
}

function areImages(list: LabelledItems): list is LabelledImages {
  return list.items.length > 0 && list.items.every(({ shown }) => shown.kind === "image");
}

/** "3 of 9 wrong", where there are classes. */
export function countWrong({ items }: Pick<LabelledItems, "items">): string {
  return `${items.filter(({ isWrong }) => isWrong).length} of ${items.length} wrong`;
}
