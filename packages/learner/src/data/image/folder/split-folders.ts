import { DataError } from "../../errors.js";
import type { FoundImage } from "./walk-images.js";

/** What images are for. Those of `test` are neither trained on nor validated on. */
export type Part = "train" | "valid" | "test";

/** An image with its part and class. */
export interface AssignedImage extends FoundImage {
  readonly part: Part;
  /** The name of the folder that the image lies in, or of the one above it, where that is a part's. */
  readonly label: string;
}

/** What the names of folders say of the images in them. */
export interface Assignment {
  /** Those of a part that have a class. */
  readonly images: readonly AssignedImage[];
  /** What was chosen, in sentences. */
  readonly warnings: readonly string[];
}

const PARTS: Readonly<Record<string, Part>> = {
  training: "train",
  train: "train",
  validation: "valid",
  valid: "valid",
  val: "valid",
  dev: "valid",
  testing: "test",
  test: "test",
};

/** A part's name within a folder's: `Train`, `seg_train`, `trainset`, `val2017`, but not `trainer`. */
const PART_NAME = new RegExp(
  `(?<![a-z])(${Object.keys(PARTS).join("|")})((?:set|data|images?|imgs?)?)(?![a-z])`,
  "g",
);

const MEANING: Readonly<Record<Part, string>> = {
  train: "trained on, as the name says",
  valid: "validated on and not trained on, as the name says",
  test: "held out of training and validation, as the name says",
};

/** Images by the name of a folder. */
type Children = ReadonlyMap<string, readonly FoundImage[]>;

/**
 * Reads from the names of folders which images are trained on, validated on, and held out of both.
 *
 * The names, in any case: train, training; valid, val, validation, dev; test, testing; also with an addition that all
 * of them have (`seg_train` and `seg_test`). Where a folder of the training part and one of another lie side by side,
 * they are a split, be it above the classes (`train/cat`) or below them (`cat/train`). A training folder that has
 * classes in it is all that is trained on, even if it is the only part. A folder of another part that has classes in
 * it is held out of the classes beside it.
 *
 * @param images - As `walkImages` gives them.
 * @param root - What errors and warnings call the folder.
 * @param options.isValidGiven - Whether the validation part lies elsewhere: what is named so here is held out.
 * @throws DataError if two folders side by side are both the training or both the validation part.
 */
export function assignParts(
  images: readonly FoundImage[],
  root: string,
  { isValidGiven = false }: { readonly isValidGiven?: boolean } = {},
): Assignment {
  const assigned: AssignedImage[] = [];
  const said = new Map<string, string[]>();
  assign(images, 0, undefined);
  const warnings = [...said].map(([what, folders]) => `${root}: ${list(folders)}: ${what}`);
  return { images: assigned, warnings };

  /** Images that share their first `depth` folders; `part` is what one of these, the one at `at`, says. */
  function assign(group: readonly FoundImage[], depth: number, part: { name: Part; at: number } | undefined) {
    const { here, children } = byFolder(group, depth);
    const split = part === undefined ? splitAmong(children, depth, root) : new Map<string, Part>();
    const isSplit = [...split.values()].includes("train");
    for (const image of isSplit ? [] : here) {
      const label = image.folders[part?.at === depth - 1 ? depth - 2 : depth - 1];
      if (label !== undefined) assigned.push({ ...image, part: part?.name ?? "train", label });
    }
    for (const [name, within] of children) {
      const own = split.get(name) === "valid" && isValidGiven ? "test" : split.get(name);
      if (own !== undefined) {
        say(MEANING[own], within, depth);
        assign(within, depth + 1, { name: own, at: depth });
      } else if (isSplit) say("left out, as beside it lies what is trained on", within, depth);
      else {
        const said = part === undefined ? partOf(name) : undefined;
        if (said?.rest === "*" && said.part !== "train" && isFlat(within, depth)) {
          say("a class like the others, though its name may say that it is held out", within, depth);
        }
        assign(within, depth + 1, part);
      }
    }
  }

  function say(what: string, within: readonly FoundImage[], depth: number): void {
    const folder = `${within[0]!.folders.slice(0, depth + 1).join("/")}/ (${within.length})`;
    said.set(what, [...(said.get(what) ?? []), folder]);
  }
}

/** The part that a folder's name says, and what else it says: `*` where that is nothing. */
export function partOf(name: string): { readonly part: Part; readonly rest: string } | undefined {
  const lower = name.toLowerCase();
  const [found, ...others] = [...lower.matchAll(PART_NAME)];
  if (found === undefined || others.length > 0) return undefined;
  const [whole, word, kind] = found;
  const rest = `${lower.slice(0, found.index)}*${kind}${lower.slice(found.index + whole.length)}`;
  return { part: PARTS[word!]!, rest };
}

/** The parts among folders that lie side by side; none where they are no split. */
function splitAmong(children: Children, depth: number, root: string): ReadonlyMap<string, Part> {
  const named = [...children].flatMap(([name, within]) => {
    const said = partOf(name);
    return said === undefined ? [] : [{ name, within, ...said }];
  });
  const rests = [...new Set(named.map(({ rest }) => rest))].sort((a) => (a === "*" ? -1 : 0));
  for (const rest of rests) {
    const parts = named.filter((folder) => folder.rest === rest);
    const train = parts.filter(({ part }) => part === "train");
    const others = children.size - parts.length;
    // A class may be called "train", beside "bus" and "car".
    const isClass = others > 0 && train.every(({ within }) => isFlat(within, depth));
    if (train.length > 0 && train.length < parts.length && !isClass) return partsOf(parts);
  }
  const bare = named.filter(({ rest, within }) => rest === "*" && !isFlat(within, depth));
  const train = bare.filter(({ part }) => part === "train");
  if (train.length > 0) return partsOf(train);
  return bare.length < children.size ? partsOf(bare) : new Map();

  function partsOf(folders: typeof named): ReadonlyMap<string, Part> {
    for (const part of ["train", "valid"] as const) {
      const names = folders.filter((folder) => folder.part === part).map(({ name }) => name);
      if (names.length < 2) continue;
      const above = folders[0]!.within[0]!.folders.slice(0, depth);
      throw twoFolders(part, names, [root, ...above].join("/"));
    }
    return new Map(folders.map(({ name, part }) => [name, part]));
  }
}

/** Whether all images lie right in the folder, and none in one within it. */
function isFlat(within: readonly FoundImage[], depth: number): boolean {
  return within.every(({ folders }) => folders.length === depth + 1);
}

function byFolder(group: readonly FoundImage[], depth: number) {
  const here: FoundImage[] = [];
  const children = new Map<string, FoundImage[]>();
  for (const image of group) {
    const name = image.folders[depth];
    if (name === undefined) here.push(image);
    else {
      const known = children.get(name);
      if (known === undefined) children.set(name, [image]);
      else known.push(image);
    }
  }
  return { here, children };
}

/** The error for folders side by side of which each may be the part. */
export function twoFolders(part: "train" | "valid", names: readonly string[], where: string): DataError {
  const expected = `one folder of the ${part === "train" ? "training" : "validation"} part`;
  const got = list(names.map((name) => `${name}/`));
  return new DataError({ where, expected, got, hint: `${part}Folder, to say which` });
}

/** "a, b and c", shortened where there are many. */
export function list(names: readonly string[]): string {
  const shown = names.length > 8 ? [...names.slice(0, 7), `${names.length - 7} more`] : names;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
