import type { Layer } from "../../src/nn/index.js";
import { modelOf } from "../../src/nn/index.js";
import { graphContext } from "../../src/nn/step/graph-context.js";
import type { Target, Tensor, Value } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, sizeOf, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { lossWeights } from "../onnx/numeric.js";

/** What running a layer gave, by name. */
export interface LayerRun {
  readonly y: Tensor;
  /** Gradients of sum(y * sin(1 + 1.7 i)) by the parameters and by the first input ("input"), when training. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** What the buffers become. */
  readonly buffers: Readonly<Record<string, Tensor>>;
}

/** Runs a layer on given parameters and buffers (fills where they are absent). */
export async function runLayer(
  layer: Layer,
  inputs: readonly Tensor[],
  parameters: Readonly<Record<string, Tensor>>,
  options: {
    readonly training?: boolean;
    readonly buffers?: Readonly<Record<string, Tensor>>;
    readonly heldBuffers?: ReadonlySet<string>;
    /** What the graph is made for; it runs on the CPU. Default: "cpu". */
    readonly target?: Target;
  } = {},
): Promise<LayerRun> {
  const { training = true, target = "cpu" } = options;
  const model = modelOf(layer);
  const g = new GraphBuilder();
  const xs = inputs.map(({ dtype, shape }, i) => g.input(`input:${i}`, dtype, shape));
  const context = graphContext(g, model, {
    training,
    target,
    trained: new Set(model.parameters.map(({ name }) => name)),
    ...(options.heldBuffers ? { heldBuffers: options.heldBuffers } : {}),
  });
  const y = model.forward(context, xs);
  const outputs: Record<string, Value> = { y };
  if (training) {
    const weights = g.constant(tensor("float32", y.shape, lossWeights(sizeOf(y.shape))));
    const wanted = [...context.parameters.values(), ...(xs[0]!.dtype === "float32" ? [xs[0]!] : [])];
    const gradients = differentiate(g, g.reduceSum(g.mul(y, weights)), wanted, { target });
    for (const value of wanted) outputs[`gradient:${value.name}`] = gradients.get(value)!;
    for (const [name, value] of context.updates) outputs[`next:${name}`] = value;
  }
  const feeds: Record<string, Tensor> = {};
  inputs.forEach((input, i) => {
    feeds[`input:${i}`] = input;
  });
  for (const [name, value] of Object.entries(parameters)) feeds[`param:${name}`] = value;
  for (const { name, shape, initial } of model.buffers) {
    feeds[`buffer:${name}`] = options.buffers?.[name] ?? tensor("float32", shape, initial());
  }
  await using session = await createSession(g.build(outputs), { threads: 1 });
  const results = await session.run(feeds);
  const named = (prefix: string) =>
    Object.fromEntries(
      Object.entries(results)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  const inputGradient = results["gradient:input:0"];
  return {
    y: results["y"]!,
    gradients: { ...named("gradient:param:"), ...(inputGradient ? { input: inputGradient } : {}) },
    buffers: named("next:"),
  };
}
