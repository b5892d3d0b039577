import type { Checks } from "lrfind/core";
import { builder, check, checkOnnxOptions, target, value, values } from "./checks.js";
import { OnnxError } from "./errors.js";
import type { GraphBuilder } from "./graph/builder.js";
import type { Node, Value } from "./graph/graph.js";
import type { Target } from "./graph/target.js";
import { isFloat } from "./graph/tensor.js";
import type { GradientContext, GradientRule } from "./ops/gradient-rule.js";
import { gradientError, sumTo } from "./ops/gradient-rule.js";
import { gradientRules, nonDifferentiable } from "./ops/gradients.js";
import { foldedGradients } from "./passes/fold-batch/gradients.js";
import { FOLDED_DOMAIN } from "./passes/fold-batch/layout.js";

/** How to differentiate. */
export interface DifferentiateOptions {
  /** The execution provider that is to run the graph. Default: "cpu". */
  readonly target?: Target;
}

const OPTIONS: Checks<DifferentiateOptions> = { target };

const rules = new Map<string, GradientRule>(Object.entries(gradientRules));
const foldedRules = new Map<string, GradientRule>(Object.entries(foldedGradients));
const ends = new Set<string>(nonDifferentiable);

/**
 * Adds to a graph the nodes that compute the gradient of a scalar loss by each parameter (reverse-mode
 * automatic differentiation). Nodes are added only where a parameter stands behind them: freezing one removes
 * its part of the backward pass.
 *
 * @param g - The builder that holds the forward pass.
 * @param loss - A float scalar.
 * @param parameters - Values to differentiate by: inputs of the graph, or values inside it.
 * @returns The gradient of each parameter, of its shape.
 * @throws {OnnxError} when the loss is no float scalar, a parameter no float, the loss does not depend on a parameter, or an operator between
 *   the two has no gradient rule: `cannot differentiate "NonZero" (node "/x/NonZero")`.
 *
 * @example
 * ```ts
 * const g = new GraphBuilder();
 * const w = g.input("w", "float32", [3]);
 * const loss = g.reduceSum(g.mul(w, w));
 * const dw = differentiate(g, loss, [w]).get(w)!;
 * ```
 *
 * Source: Griewank and Walther, Evaluating Derivatives, 2nd ed. (2008), chapter 3.
 */
export function differentiate(
  g: GraphBuilder,
  loss: Value,
  parameters: readonly Value[],
  options: DifferentiateOptions = {},
): Map<Value, Value> {
  check("differentiate", "g", g, builder);
  check("differentiate", "loss", loss, value);
  check("differentiate", "parameters", parameters, values);
  checkOnnxOptions("differentiate", options, OPTIONS);
  if (loss.shape.length !== 0 || !isFloat(loss.dtype)) {
    throw new OnnxError({
      where: "differentiate",
      expected: "a scalar float loss",
      got: `${loss.dtype}[${loss.shape.join(", ")}] ("${loss.name}")`,
      hint: "reducing it to its mean",
    });
  }
  for (const { name, dtype, shape } of parameters) {
    if (isFloat(dtype)) continue;
    throw new OnnxError({
      where: "differentiate",
      expected: "parameters of floats",
      got: `${dtype}[${shape.join(", ")}] ("${name}")`,
      hint: "casting it first, and differentiating by what comes out",
    });
  }
  const forward = [...g.nodes];
  const active = valuesBehind(forward, parameters);
  if (!active.has(loss)) {
    throw new OnnxError({
      where: "differentiate",
      expected: `the loss "${loss.name}" to depend on a parameter`,
      got: "one that depends on none",
    });
  }

  const gradients = new Map<Value, Value>([[loss, g.scalar(1, loss.dtype)]]);
  for (const node of forward.reverse()) {
    const dys = node.outputs.map((output) => (output && gradients.get(output)) ?? null);
    if (dys.every((dy) => dy === null)) continue;
    if (!node.inputs.some((input) => input && active.has(input))) continue;
    if (ends.has(node.opType)) continue;
    const inputGradients = g.scope("grad", () =>
      g.scope(node.name, () => applyRule(g, node, dys, active, options)),
    );
    node.inputs.forEach((input, i) => {
      const gradient = inputGradients[i];
      if (!input || !gradient || !active.has(input)) return;
      const summed = sumTo(g, gradient, input.shape);
      const earlier = gradients.get(input);
      gradients.set(input, earlier ? g.add(earlier, summed) : summed);
    });
  }

  const result = new Map<Value, Value>();
  for (const parameter of parameters) {
    const gradient = gradients.get(parameter);
    if (!gradient) {
      throw new OnnxError({
        where: "differentiate",
        expected: `the loss "${loss.name}" to depend on "${parameter.name}"`,
        got: "no differentiable path there",
        hint: "freezing or removing that parameter",
      });
    }
    result.set(parameter, gradient);
  }
  return result;
}

function applyRule(
  g: GraphBuilder,
  node: Node,
  dys: readonly (Value | null)[],
  active: ReadonlySet<Value>,
  options: DifferentiateOptions,
): readonly (Value | null)[] {
  const rule = rulesOf(node.domain)?.get(node.opType);
  if (!rule) {
    throw new OnnxError(
      {
        where: `cannot differentiate "${node.opType}" (node "${node.name}")`,
        expected: "an operator with a gradient rule",
        hint: "freezing all that comes before it",
      },
      { op: node.opType, node: node.name, shapes: node.inputs.map((input) => input?.shape ?? null) },
    );
  }
  const needs = (index: number) => {
    const input = node.inputs[index];
    return input != null && active.has(input);
  };
  const context: GradientContext = {
    g,
    node,
    dys,
    target: options.target ?? "cpu",
    needs,
    get dy() {
      const dy = dys[0];
      if (!dy) throw gradientError(node, "a gradient of the first output; the loss uses another one only");
      return dy;
    },
    input: (index) => {
      const input = node.inputs[index];
      if (!input) throw gradientError(node, `an input number ${index}`);
      return input;
    },
    output: (index) => {
      const output = node.outputs[index];
      if (!output) throw gradientError(node, `an output number ${index}`);
      return output;
    },
  };
  const gradients = rule(context);
  node.inputs.forEach((input, i) => {
    if (needs(i) && !gradients[i]) {
      throw gradientError(node, `a parameter not to stand behind input number ${i} ("${input!.name}")`);
    }
  });
  return gradients;
}

function rulesOf(domain: string): ReadonlyMap<string, GradientRule> | undefined {
  if (domain === "") return rules;
  return domain === FOLDED_DOMAIN ? foldedRules : undefined;
}

/** All float values that depend on a parameter, the parameters included. */
function valuesBehind(nodes: readonly Node[], parameters: readonly Value[]): Set<Value> {
  const active = new Set(parameters);
  for (const node of nodes) {
    if (ends.has(node.opType) || !node.inputs.some((input) => input && active.has(input))) continue;
    for (const output of node.outputs) if (output && isFloat(output.dtype)) active.add(output);
  }
  return active;
}
