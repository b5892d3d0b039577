import { checkArgument, nodeModule, string } from "lrfind/core";
import type { Split } from "../../batch/split.js";
import { DataError } from "../../errors.js";
import { type AssignedImage, assignParts, list, partOf, twoFolders } from "./split-folders.js";
import { type FoundImage, IMAGE_EXTENSIONS, type Walk, walkImages } from "./walk-images.js";

/** An image file and its class. */
export interface ImageFile {
  readonly path: string;
  /** The name of the folder that the file lies in. */
  readonly label: string;
}

/** Folders within a folder that are the parts, where they are not to be told by their names. */
export interface PartFolders {
  readonly trainFolder?: string | undefined;
  readonly validFolder?: string | undefined;
}

/** The images to train and to validate on. */
export interface FoundImages {
  readonly files: readonly ImageFile[];
  /** The parts that the folders are, if there is a validation part among them. */
  readonly split: Split | undefined;
  /** What was chosen and passed over, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * Finds the image files within a folder, at any depth, and their classes: see `walkImages` for what is passed over,
 * `assignParts` for the parts. Files right in the folder, or right in one of a part, have no class and are not used.
 *
 * @param root - The folder.
 * @param folders - `trainFolder`: the images in it alone are trained on ("." are all). `validFolder`: those in it are
 *   validated on, and not trained on.
 * @throws DataError if a folder cannot be read or has no image, or two folders have the same part.
 */
export async function findImages(root: string, folders: PartFolders = {}): Promise<FoundImages> {
  const { join } = nodeModule<typeof import("node:path")>("path");
  for (const [option, folder] of Object.entries(folders)) {
    if (folder !== undefined) checkArgument("imageDataLoadersFromFolder", option, folder, string);
  }
  const { trainFolder, validFolder } = folders;
  const walks: Walk[] = [];
  const warnings: string[] = [];
  const given = { train: await imagesOf(trainFolder), valid: await imagesOf(validFolder) };
  const isOpen = trainFolder === undefined || (validFolder === undefined && !isRoot(trainFolder));
  const named = isOpen ? await byNames() : { train: [], valid: [] };
  const valid = given.valid ?? named.valid;
  // Whoever is held out is not trained on, though its folder lie within the training folder, or a link lead to it.
  const held = new Set(valid.map(({ real }) => real));
  const train = (given.train ?? named.train).filter(({ real }) => !held.has(real));
  warnings.push(...walks.flatMap(passedOver));
  check(join(root, trainFolder ?? "."), train);
  if (validFolder !== undefined) check(join(root, validFolder), valid);
  const range = (from: number, n: number) => Uint32Array.from({ length: n }, (_, i) => from + i);
  return {
    files: [...train, ...valid].map(({ path, label }) => ({ path, label })),
    split:
      valid.length === 0
        ? undefined
        : { train: range(0, train.length), valid: range(train.length, valid.length) },
    warnings,
  };

  /** The images in a folder that was named, whatever the folders in it are called. */
  async function imagesOf(folder: string | undefined): Promise<readonly Labelled[] | undefined> {
    if (folder === undefined) return undefined;
    const walk = await walkImages(join(root, folder));
    walks.push(walk);
    return walk.images.flatMap(labelled);
  }

  /** What the names in the folder say of all images that no given folder has. */
  async function byNames(): Promise<{
    readonly train: readonly Labelled[];
    readonly valid: readonly Labelled[];
  }> {
    const walk = await walkImages(root);
    walks.push(walk);
    const taken = new Set([...(given.train ?? []), ...(given.valid ?? [])].map(({ real }) => real));
    const rest = walk.images.filter(({ real }) => !taken.has(real));
    if (given.train !== undefined) return { train: [], valid: validAmong(rest, root) };
    const { images, warnings: said } = assignParts(rest, root, { isValidGiven: given.valid !== undefined });
    warnings.push(...said);
    const of = (part: AssignedImage["part"]) => images.filter((image) => image.part === part);
    return { train: of("train"), valid: of("valid") };
  }
}

/** The images of the one folder whose name says that it is the validation part. */
function validAmong(images: readonly FoundImage[], root: string): readonly Labelled[] {
  const isValid = ({ folders }: FoundImage) => {
    const said = partOf(folders[0] ?? "");
    return said?.part === "valid" && said.rest === "*" && folders.length > 1;
  };
  const found = images.filter(isValid);
  const names = [...new Set(found.map(({ folders }) => folders[0]!))];
  if (names.length > 1) throw twoFolders("valid", names, root);
  return found.flatMap(labelled);
}

type Labelled = FoundImage & { readonly label: string };

function labelled(image: FoundImage): Labelled[] {
  const label = image.folders.at(-1);
  return label === undefined ? [] : [{ ...image, label }];
}

function isRoot(folder: string): boolean {
  return /^\.?[/\\]*$/.test(folder);
}

function passedOver({ root, strays, repeated }: Walk): string[] {
  return [
    ...(strays.length === 0 ? [] : [`${root}: ${list(strays)}: left out, as hidden, stray or a broken link`]),
    ...(repeated.length === 0
      ? []
      : [`${root}: ${list(repeated)}: a link to what is there already, left out`]),
  ];
}

function check(where: string, images: readonly Labelled[]): void {
  if (images.length > 0) return;
  const expected = `image files (${IMAGE_EXTENSIONS.join(", ")}) in folders named for their class`;
  throw new DataError({ where, expected, got: "none", hint: "another path, trainFolder or validFolder" });
}
