import { readdirSync } from "node:fs";

const IMAGE = /\.(?:png|jpe?g|webp|gif|bmp|avif)$/i;

/** The image files in a folder, at any depth, sorted; what is hidden is left out. */
export function imageNames(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => IMAGE.test(name) && !/(?:^|[\\/])[._]/.test(name))
    .sort();
}
