import type { Node, Value } from "../../graph/graph.js";
import { sizeOf } from "../../graph/tensor.js";
import { intsAttribute, numberAttribute } from "../../ops/attributes.js";
import { operatorsWith } from "../../ops/traits.js";
import type { WindowGeometry } from "../../ops/window/shape.js";
import { windowOf } from "../../ops/window/window.js";
import { columnBytes, MAX_COLUMN_BYTES, staysConv } from "./operators.js";

/** What `foldBatch` works on. */
export interface FoldOptions {
  /** Smallest batch that is folded: runs of fewer values are not worth copying. Default: 8. */
  readonly minBatch?: number;
  /** Whether to fold whatever can be folded, worthwhile or not. Default: false. */
  readonly all?: boolean;
}

/**
 * How many multiplications a region must hold for each element that is transposed at its borders. They are made three
 * times, forward and for two gradients, at about 100 a nanosecond, and folding saves a quarter of that; an element at
 * the border takes about 1 ns forward and 1 ns back.
 */
const PRODUCTS_PER_BORDER_ELEMENT = 256;

/** What a max pool saves for each element, in multiplications: its gradient needs no upsampling. */
const PRODUCTS_PER_POOLED_ELEMENT = 256;

/** Largest window of a pool that is folded: each of its offsets takes several nodes. */
const MAX_POOL_OFFSETS = 16;

/** Operators that do the same to an element wherever it lies, or the same to all of a channel. */
const ELEMENTWISE = operatorsWith("perElement");
const BINARY = operatorsWith("arithmetic", "slopes");

/** Indices of a node's inputs that are images when it works on folded ones; undefined where it cannot. */
export function imageInputs(node: Node): readonly number[] | undefined {
  const [x, other] = node.inputs;
  if (node.domain !== "" || !x || !isImages(node.outputs[0])) return undefined;
  const { opType } = node;
  const { shape } = node.outputs[0]!;
  if (BINARY.has(opType)) {
    const images = [x, other!].flatMap((value, i) => (`${value.shape}` === `${shape}` ? [i] : []));
    return images.length === 2 || (images.length === 1 && isShared(node.inputs[1 - images[0]!]!))
      ? images
      : undefined;
  }
  if (opType === "Concat") {
    const axis = numberAttribute(node, "axis", 0);
    return axis === 1 || axis === -3 ? node.inputs.map((_, i) => i) : undefined;
  }
  if (!isImages(x)) return undefined;
  if (opType === "Conv") return canFoldConv(node, x) ? [0] : undefined;
  if (opType === "MaxPool") return canFoldPool(node, x) ? [0] : undefined;
  return ELEMENTWISE.has(opType) || opType === "GlobalAveragePool" ? [0] : undefined;
}

function isImages(value: Value | null | undefined): boolean {
  return value?.shape.length === 4 && value.dtype === "float32";
}

/** Whether a value broadcasts over the images and their width: a number, or one for each channel or row. */
function isShared({ shape }: Value): boolean {
  return (shape.length < 4 || shape[0] === 1) && (shape.at(-1) ?? 1) === 1;
}

function canFoldConv(node: Node, x: Value): boolean {
  if (numberAttribute(node, "group", 1) !== 1) return false;
  const window = windowOf(node, x, node.inputs[1]!.shape.slice(2));
  return staysConv(window) || canLayOut(x, window);
}

function canFoldPool(node: Node, x: Value): boolean {
  const kernel = intsAttribute(node, "kernel_shape");
  if (!kernel || sizeOf(kernel) > MAX_POOL_OFFSETS || node.outputs.length !== 1) return false;
  return numberAttribute(node, "storage_order", 0) === 0 && canLayOut(x, windowOf(node, x, kernel));
}

function canLayOut({ shape }: Value, window: WindowGeometry): boolean {
  const [batch, channels, ...spatial] = shape as [number, number, number, number];
  return columnBytes({ batch, channels, spatial }, window) <= MAX_COLUMN_BYTES;
}

/**
 * Which nodes are to work on folded images: those of each connected region whose products outweigh the transpositions at
 * its borders.
 */
export function nodesToFold(
  nodes: readonly Node[],
  { minBatch = 8, all = false }: FoldOptions = {},
): ReadonlySet<Node> {
  const candidates = new Map<Node, readonly number[]>();
  for (const node of nodes) {
    const inputs = imageInputs(node);
    if (inputs && node.outputs[0]!.shape[0]! >= minBatch) candidates.set(node, inputs);
  }
  const chosen = new Set<Node>();
  for (const region of regionsOf(candidates)) {
    if (all || isWorthwhile(region, candidates, nodes)) for (const node of region) chosen.add(node);
  }
  return chosen;
}

/** Candidates that pass images on to one another. */
function regionsOf(candidates: ReadonlyMap<Node, readonly number[]>): Set<Node>[] {
  const makers = new Map<Value, Node>();
  const regionOf = new Map<Node, Set<Node>>();
  for (const [node, inputs] of candidates) {
    let region = new Set([node]);
    for (const i of inputs) {
      const maker = makers.get(node.inputs[i]!);
      const other = maker && regionOf.get(maker);
      if (other && other !== region) region = union(other, region);
    }
    for (const member of region) regionOf.set(member, region);
    if (node.opType !== "GlobalAveragePool") makers.set(node.outputs[0]!, node);
  }
  return [...new Set(regionOf.values())];
}

function union(a: Set<Node>, b: ReadonlySet<Node>): Set<Node> {
  for (const node of b) a.add(node);
  return a;
}

function isWorthwhile(
  region: ReadonlySet<Node>,
  candidates: ReadonlyMap<Node, readonly number[]>,
  nodes: readonly Node[],
): boolean {
  const inside = new Set<Value>();
  const entering = new Set<Value>();
  let products = 0;
  for (const node of region) {
    for (const i of candidates.get(node)!) {
      const input = node.inputs[i]!;
      if (!inside.has(input)) entering.add(input);
    }
    const output = node.outputs[0]!;
    if (node.opType !== "GlobalAveragePool") inside.add(output);
    if (node.opType === "Conv") products += sizeOf(output.shape) * sizeOf(node.inputs[1]!.shape.slice(1));
    if (node.opType === "MaxPool") products += PRODUCTS_PER_POOLED_ELEMENT * sizeOf(node.inputs[0]!.shape);
  }
  const leaving = new Set<Value>();
  const used = new Set<Value>();
  for (const node of nodes) {
    for (const [i, input] of node.inputs.entries()) {
      if (!input || !inside.has(input)) continue;
      used.add(input);
      if (!region.has(node) || !candidates.get(node)!.includes(i)) leaving.add(input);
    }
  }
  for (const value of inside) if (!used.has(value)) leaving.add(value);
  const border = [...entering, ...leaving].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return products > PRODUCTS_PER_BORDER_ELEMENT * border;
}
