import { func, integer, string } from "lrfind/core";
import {
  attributes as attributesCheck,
  check,
  checkOnnxOptions,
  dtype as dtypeCheck,
  ints as intsCheck,
  NAME_OPTIONS,
  name as nameCheck,
  optionalValues,
  shape as shapeCheck,
  tensorCheck,
} from "../checks.js";
import { OnnxError } from "../errors.js";
import { inferShapes } from "../ops/shapes.js";
import type { Rewrite } from "../passes/rewrites/rewrite.js";
import { NAMED, NODE_OPTIONS, type NodeOptions, OUTPUTS } from "./builder-options.js";
import { Constants } from "./constants.js";
import { finishGraph } from "./finish.js";
import type { Attributes, Graph, Node, Value } from "./graph.js";
import { Names } from "./names.js";
import type { NodeWriter } from "./node-writer.js";
import type { Replacement } from "./replacement.js";
import type { DType, Tensor } from "./tensor.js";
import { tensor } from "./tensor.js";

/** How nodes are written otherwise than they are asked for. */
export interface Rewriting {
  /** By operator of ONNX itself: the form in which it is written. */
  readonly forms: Readonly<Record<string, Rewrite | undefined>>;
  /** What stands in the nodes' places in a graph that is built, if anything is to be replaced. */
  finishing(g: NodeWriter): Replacement | undefined;
}

/**
 * The nodes of a graph that is being made, with every value's element type and shape known at once: what a `GraphBuilder`
 * is but for its operators' names.
 */
export class NodeList {
  readonly inputs: Value[] = [];
  readonly #rewriting: Rewriting;
  #nodes: Node[] = [];
  readonly #constants = new Constants();
  readonly #names = new Names();
  #scope = "";

  constructor(rewriting: Rewriting) {
    this.#rewriting = rewriting;
  }

  /** Itself, with the operators' names that its one heir has. */
  get #writer(): NodeWriter {
    return this as unknown as NodeWriter;
  }

  /** The nodes so far, each behind those that make its inputs. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /**
   * Declares an input of the graph.
   *
   * @throws {OnnxError} when the name is taken, or an argument is not what it should be (as by all methods).
   */
  input(name: string, dtype: DType, shape: readonly number[]): Value {
    check("input", "name", name, nameCheck);
    check("input", "dtype", dtype, dtypeCheck);
    check("input", "shape", shape, shapeCheck);
    if (this.#names.has(name))
      throw new OnnxError({
        where: "input",
        expected: "a name that is free",
        got: `"${name}"`,
        hint: "another name",
      });
    this.#names.take(name);
    const value: Value = { name, dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** A tensor that is part of the graph. Small equal tensors are one. */
  constant(contents: Tensor, name = "const"): Value {
    check("constant", "contents", contents, tensorCheck);
    check("constant", "name", name, nameCheck);
    return this.#constants.of(contents, () => this.#unique(name));
  }

  /** A constant that is made once for all who ask for it by the same key. */
  constantOnce(key: string, make: () => Tensor, name = "const"): Value {
    check("constantOnce", "key", key, string);
    check("constantOnce", "make", make, func);
    return this.#constants.once(key, () => this.constant(make(), name));
  }

  /** A scalar constant. */
  scalar(value: number, dtype: DType = "float32"): Value {
    return this.constant(tensor(dtype, [], [value]));
  }

  /** A constant list of 64-bit integers, as ONNX takes shapes and axes. */
  ints(values: readonly number[]): Value {
    check("ints", "values", values, intsCheck);
    return this.constant(tensor("int64", [values.length], values));
  }

  /** Runs `body` with `name.` put before the names of all nodes and values that it makes. */
  scope<T>(name: string, body: () => T): T {
    check("scope", "name", name, string);
    check("scope", "body", body, func);
    const outer = this.#scope;
    this.#scope = `${outer}${name}.`;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /**
   * Adds a node of any operator and returns its outputs.
   *
   * @param opType - ONNX operator.
   * @param inputs - Null where an optional input is absent.
   * @throws {OnnxError} when the inputs do not fit the operator, or the operator has no shape rule and
   *   `options.types` is not given.
   */
  node(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): Value[] {
    check("node", "opType", opType, nameCheck);
    check(opType, "inputs", inputs, optionalValues);
    check(opType, "attributes", attributes, attributesCheck);
    checkOnnxOptions(opType, options, NODE_OPTIONS);
    const name = this.#unique(options.name ?? opType);
    const domain = options.domain ?? "";
    const count = options.outputs ?? options.types?.length ?? 1;
    const asked = { opType, name, inputs, attributes, outputCount: count };
    const types = options.types ?? inferShapes(asked);
    const form = domain === "" ? this.#rewriting.forms[opType] : undefined;
    const written = form ? this.scope(options.name ?? opType, () => form(this.#writer, asked)) : asked;
    const outputs = types.slice(0, count).map((type, i) => {
      if (type === null) return null;
      const { dtype, shape } = type;
      return { name: this.#unique(i === 0 ? `${name}:0` : `${name}:${i}`, false), dtype, shape };
    });
    const { attributeTypes } = options;
    const { outputCount: _, ...node } = written;
    // The types are of the attributes that were given, which a node written otherwise has no more.
    const typed = attributeTypes && written === asked ? { attributeTypes } : {};
    this.#nodes.push({ ...node, domain, outputs, ...typed });
    return outputs as Value[];
  }

  /** Adds a node of any operator with one output. */
  op(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    options: NodeOptions = {},
  ): Value {
    return this.node(opType, inputs, attributes, options)[0]!;
  }

  /**
   * Asks a node that was added earlier for its operator's optional outputs, such as the Indices of a MaxPool.
   *
   * @param count - How many outputs the node is to have at least.
   * @returns All outputs; those the node had already stay the same values.
   */
  extendOutputs(node: Node, count: number): Value[] {
    check("extendOutputs", "node", node, NAMED);
    check("extendOutputs", "count", count, integer({ min: 1, max: 4096 }));
    const index = this.#nodes.findIndex(({ name }) => name === node.name);
    const present = this.#nodes[index];
    if (!present)
      throw new OnnxError({
        where: "extendOutputs",
        expected: "a node of this graph",
        got: `"${node.name}"`,
      });
    const { opType, name, inputs, attributes } = present;
    const types = inferShapes({ opType, name, inputs, attributes, outputCount: count });
    const outputs = types.slice(0, Math.max(count, present.outputs.length)).map((type, i) => {
      const known = present.outputs[i];
      if (known || type === null) return known ?? null;
      return { name: this.#unique(`${name}:${i}`, false), ...type };
    });
    this.#nodes[index] = { ...present, outputs };
    return outputs as Value[];
  }

  /**
   * Goes through the nodes and puts others in their place: every rewriting of a graph is made of this. A replacement is
   * called for each node, within the node's scope, and adds nodes where that one was.
   *
   * @param replace - What stands in a node's place; see `Replacement`.
   */
  replaceNodes(replace: Replacement): void {
    check("replaceNodes", "replace", replace, func);
    this.#nodes = this.#replaced(replace);
  }

  /** Has the node that was added last yield these values in place of its own: those that a replaced node yielded. */
  yieldLast(outputs: readonly (Value | null)[]): void {
    check("yieldLast", "outputs", outputs, optionalValues);
    const last = this.#nodes.pop();
    if (!last)
      throw new OnnxError({ where: "yieldLast", expected: "a node to be added before", got: "none" });
    this.#nodes.push({ ...last, outputs });
  }

  /**
   * Finishes the graph: keeps what leads to the outputs and gives these their names. Nodes that would write over an input
   * (see `ownInputs`) get a copy of it.
   *
   * @param outputs - Graph outputs by the name they are to have.
   * @throws {OnnxError} when a name is taken.
   * @param options.name - Name of the graph. Default: "lrfind".
   */
  build(outputs: Readonly<Record<string, Value>>, options: { readonly name?: string } = {}): Graph {
    check("build", "outputs", outputs, OUTPUTS);
    checkOnnxOptions("build", options, NAME_OPTIONS);
    for (const [name, value] of Object.entries(outputs)) {
      if (name !== value.name && this.#names.has(name)) {
        throw new OnnxError({
          where: "build",
          expected: "names of outputs that are free",
          got: `"${name}"`,
          hint: "another name",
        });
      }
    }
    const replace = this.#rewriting.finishing(this.#writer);
    const nodes = replace ? this.#replaced(replace) : this.#nodes;
    const { name = "lrfind" } = options;
    return finishGraph({ name, inputs: this.inputs, constants: this.#constants.all, nodes }, outputs);
  }

  #unique(base: string, scoped = true): string {
    return this.#names.unique(scoped ? `${this.#scope}${base}` : base);
  }

  /** The nodes with others in their place. What a replacement adds comes where its node was. */
  #replaced(replace: Replacement): Node[] {
    const before = this.#nodes;
    this.#nodes = [];
    try {
      for (const node of before) {
        const first = this.#nodes.length;
        const instead = this.scope(node.name, () => replace(node));
        if (instead && !Array.isArray(instead)) this.#nodes.push(instead as Node);
        else if (instead) yieldInstead(this.#nodes, first, { results: instead as Value[], node });
      }
      return this.#nodes;
    } finally {
      this.#nodes = before;
    }
  }
}

/** Has the nodes from `first` on yield another node's outputs in place of these results. */
function yieldInstead(
  nodes: Node[],
  first: number,
  { results, node }: { readonly results: readonly Value[]; readonly node: Node },
): void {
  const originals = new Map<Value | null, Value>(results.map((result, i) => [result, node.outputs[i]!]));
  for (let i = first; i < nodes.length; i++) {
    const made = nodes[i]!;
    nodes[i] = { ...made, outputs: made.outputs.map((output) => originals.get(output) ?? output) };
  }
}
