import { arrayOf, type Check, integer } from "lrfind/core";
import { check, checkGraph } from "../checks.js";
import type { Attributes, Graph, Node, Value } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { sizeOf, tensor } from "../graph/tensor.js";
import { fileOfGraph } from "./encode.js";
import type { FileNode, FileValue, ModelFile } from "./model-file.js";

/** The same model built for one batch size. */
export interface GraphOfBatch {
  readonly batch: number;
  readonly graph: Graph;
}

const BATCH = integer({ min: 1 });
const OF_BATCH: Check = {
  expected: "a graph and its batch size",
  accepts: (value) => BATCH.accepts((value as Partial<GraphOfBatch> | null | undefined)?.batch),
};
const GRAPHS = arrayOf(OF_BATCH, { minLength: 3 });

/** Name of the free dimension. */
const BATCH_DIM = "batch";

/**
 * Frees the batch dimension of a model that was built for several batch sizes: what differs between the graphs must
 * be constants that are linear in the batch size (shapes), and these are then computed from the input's shape.
 *
 * @param graphs - The model at three batch sizes or more, inputs with the batch first: two make the line, the
 *   others check it.
 * @throws {OnnxError} when there are fewer, or one is no graph.
 * @returns A model for any batch size; undefined where the graphs differ in another way.
 *
 * @example
 * ```ts
 * const file = withDynamicBatch([2, 3, 5].map((batch) => ({ batch, graph: build(batch) })));
 * ```
 */
export function withDynamicBatch(graphs: readonly GraphOfBatch[]): ModelFile | undefined {
  check("withDynamicBatch", "graphs", graphs, GRAPHS);
  for (const { graph } of graphs) checkGraph("withDynamicBatch", graph);
  const [first] = graphs as [GraphOfBatch];
  const nodesPerGraph = graphs.map(({ graph }) => graph.nodes);
  if (nodesPerGraph.some((nodes) => nodes.length !== first.graph.nodes.length)) return undefined;
  const rewriter = new Rewriter(graphs);
  const nodes: FileNode[] = [];
  for (let i = 0; i < first.graph.nodes.length; i++) {
    const variants = nodesPerGraph.map((list) => list[i]!);
    const node = rewriter.rewrite(variants);
    if (!node) return undefined;
    nodes.push(node);
  }
  const base = fileOfGraph(first.graph);
  const free = (pick: (graph: Graph) => readonly Value[]): FileValue[] =>
    pick(first.graph).map((value, v) => ({
      name: value.name,
      dtype: value.dtype,
      shape: value.shape.map((dim, d) => {
        const fixed = graphs.every(({ graph }) => pick(graph)[v]!.shape[d] === dim);
        if (fixed) return dim;
        return graphs.every(({ batch, graph }) => pick(graph)[v]!.shape[d] === batch) ? BATCH_DIM : null;
      }),
    }));
  const all = [...rewriter.nodes, ...nodes];
  const used = new Set(all.flatMap((node) => node.inputs));
  const initializers = [...base.initializers, ...rewriter.initializers].filter(([name]) => used.has(name));
  return {
    ...base,
    inputs: free((graph) => graph.inputs),
    outputs: free((graph) => graph.outputs),
    initializers: new Map(initializers),
    nodes: all,
  };
}

/** Replaces constants that depend on the batch size by nodes that compute them. */
class Rewriter {
  readonly nodes: FileNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  readonly #batches: readonly number[];
  readonly #input: Value;
  readonly #made = new Map<string, string>();
  #size: string | undefined;

  constructor(graphs: readonly GraphOfBatch[]) {
    this.#batches = graphs.map(({ batch }) => batch);
    this.#input = graphs[0]!.graph.inputs[0]!;
  }

  /** The node for any batch size, from those for each; undefined where they differ in more than constants. */
  rewrite(variants: readonly Node[]): FileNode | undefined {
    const node = variants[0]!;
    const alike = variants.every(
      (other) =>
        other.opType === node.opType &&
        other.domain === node.domain &&
        other.inputs.length === node.inputs.length &&
        sameAttributes(other.attributes, node.attributes),
    );
    if (!alike) return undefined;
    const inputs: string[] = [];
    for (let i = 0; i < node.inputs.length; i++) {
      const values = variants.map((variant) => variant.inputs[i] ?? null);
      const name = this.#inputName(node, i, values);
      if (name === undefined) return undefined;
      inputs.push(name);
    }
    const outputs = node.outputs.map((output) => output?.name ?? "");
    while (outputs.at(-1) === "") outputs.pop();
    return { ...node, inputs, outputs };
  }

  #inputName(node: Node, index: number, values: readonly (Value | null)[]): string | undefined {
    const [value] = values;
    if (!value) return values.every((other) => !other) ? "" : undefined;
    const contents = values.map((other) => other?.constant);
    if (contents.every((other) => other === undefined)) return value.name;
    if (contents.some((other) => other === undefined)) return undefined;
    const tensors = contents as Tensor[];
    if (tensors.every((other) => sameTensor(other, tensors[0]!))) return value.name;
    return this.#dependent(node, index, tensors);
  }

  #dependent(node: Node, index: number, tensors: readonly Tensor[]): string | undefined {
    const [first] = tensors;
    if (first!.dtype === "int64" && first!.shape.length <= 1 && sameShapes(tensors)) {
      const line = this.#line(tensors.map(({ data }) => Array.from(data as BigInt64Array, Number)));
      if (!line) return undefined;
      if (node.opType === "Reshape" && index === 1) {
        const free = line.slope.flatMap((slope, i) => (slope !== 0 ? [i] : []));
        const fixed = line.offset.filter((_, i) => !free.includes(i));
        if (free.length === 1 && !fixed.some((dim) => dim <= 0)) {
          return this.#ints(line.offset.map((dim, i) => (free.includes(i) ? -1 : dim)));
        }
      }
      return this.#computed(line, first!.shape);
    }
    const fill = first!.data[0];
    const uniform = tensors.every(({ data }) => (data as Float32Array).every((v) => Object.is(v, fill)));
    const line = this.#line(tensors.map(({ shape }) => shape));
    if (!uniform || fill === undefined || !line) return undefined;
    const value = tensor(first!.dtype, [1], [Number(fill)]);
    const shape = this.#computed(line, [line.slope.length]);
    return this.#add("ConstantOfShape", [shape], { value }, `fill:${first!.dtype}:${fill}:${shape}`);
  }

  /** offset + slope * batch, element by element; undefined where the numbers lie on no line. */
  #line(
    rows: readonly (readonly number[])[],
  ): { readonly offset: readonly number[]; readonly slope: readonly number[] } | undefined {
    const [n0, n1] = this.#batches as [number, number];
    const [row0, row1] = rows as [readonly number[], readonly number[]];
    if (rows.some((row) => row.length !== row0.length)) return undefined;
    const slope = row0.map((v, i) => (row1[i]! - v) / (n1 - n0));
    const offset = row0.map((v, i) => v - slope[i]! * n0);
    const holds = rows.every((row, r) =>
      row.every((v, i) => v === offset[i]! + slope[i]! * this.#batches[r]!),
    );
    return holds && slope.every(Number.isInteger) ? { offset, slope } : undefined;
  }

  #computed(
    { offset, slope }: { readonly offset: readonly number[]; readonly slope: readonly number[] },
    shape: readonly number[],
  ): string {
    this.#size ??= this.#add("Shape", [this.#input.name], { start: 0, end: 1 }, "size");
    const scaled = this.#add("Mul", [this.#size, this.#ints(slope)], {}, `scaled:${slope}`);
    const sum = this.#add("Add", [scaled, this.#ints(offset)], {}, `sum:${slope}:${offset}`);
    if (shape.length === 1) return sum;
    return this.#add("Reshape", [sum, this.#ints([])], {}, `scalar:${slope}:${offset}`);
  }

  #ints(values: readonly number[]): string {
    const name = `batch/ints[${values}]`;
    this.initializers.set(name, tensor("int64", [values.length], values));
    return name;
  }

  #add(opType: string, inputs: readonly string[], attributes: Attributes, key: string): string {
    const known = this.#made.get(key);
    if (known) return known;
    const name = `batch/${opType}_${this.#made.size}`;
    this.#made.set(key, name);
    this.nodes.push({ name, opType, domain: "", inputs, outputs: [name], attributes });
    return name;
  }
}

function sameShapes(tensors: readonly Tensor[]): boolean {
  return tensors.every(({ shape }) => `${shape}` === `${tensors[0]!.shape}`);
}

function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || `${a.shape}` !== `${b.shape}`) return false;
  for (let i = 0; i < sizeOf(a.shape); i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  const text = (attributes: Attributes) =>
    JSON.stringify(attributes, (_, value) => (typeof value === "bigint" ? String(value) : value));
  return text(a) === text(b);
}
