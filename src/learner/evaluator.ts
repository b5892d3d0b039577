import type { Batch } from "../data/index.js";
import type { EvaluationGraph, LossFunc, Model } from "../nn/index.js";
import { buildEvaluationGraph } from "../nn/index.js";
import type { EndingKind, Tensor } from "../onnx/index.js";
import type { Session, SessionOptions } from "../runtime/index.js";
import { createSession, defaultProvider } from "../runtime/index.js";
import type { StateTensors } from "./state.js";
import { batchFeeds, lossOf } from "./step-runner.js";

interface CompiledEvaluation {
  readonly evaluation: EvaluationGraph;
  readonly session: Session;
}

/** What a model makes of a mini-batch. */
export interface Evaluation {
  /** The model's output, [N, …]. */
  readonly prediction: Tensor;
  /** What the loss and the metrics are given: the output, or the logits of which it is the probabilities. */
  readonly scores: Tensor;
  /** Mean loss over the mini-batch; NaN where `weight` is 0. */
  readonly loss: number;
  /** The same before the division by `weight`. */
  readonly sum: number;
  /** What the loss is a mean over: items, elements or labels that count. */
  readonly weight: number;
}

/** Runs the model forward without training: one session per shape of mini-batch. */
export class Evaluator implements AsyncDisposable {
  readonly #model: Model;
  readonly #lossFunc: LossFunc;
  readonly #runtime: SessionOptions;
  readonly #compiled = new Map<string, Promise<CompiledEvaluation>>();

  constructor(model: Model, lossFunc: LossFunc, runtime: SessionOptions = {}) {
    this.#model = model;
    this.#lossFunc = lossFunc;
    this.#runtime = runtime;
  }

  /** Prediction and loss of one mini-batch. */
  async evaluate(tensors: StateTensors, batch: Batch): Promise<Evaluation> {
    const compiled = await this.#compile(batch.inputs, batch.targets);
    this.#lossFunc.check?.({ shape: compiled.evaluation.predictionShape }, batch.targets);
    const results = await run(compiled, tensors, batch);
    const prediction = results["prediction"]!;
    const { sum, weight } = lossOf(results, compiled.evaluation);
    return { prediction, scores: results["logits"] ?? prediction, loss: sum / weight, sum, weight };
  }

  /** Prediction for inputs whose targets are not known. */
  async predict(tensors: StateTensors, inputs: readonly Tensor[]): Promise<Tensor> {
    const compiled = await this.#compile(inputs);
    return (await run(compiled, tensors, { inputs, targets: [] }))["prediction"]!;
  }

  /** In what probabilities the model ends, for inputs of these shapes; undefined where in none. */
  async ending(inputs: readonly Tensor[]): Promise<EndingKind | undefined> {
    return (await this.#compile(inputs)).evaluation.ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const compiled = [...this.#compiled.values()];
    this.#compiled.clear();
    for (const result of await Promise.allSettled(compiled)) {
      if (result.status === "fulfilled") await result.value.session[Symbol.asyncDispose]();
    }
  }

  #compile(inputs: readonly Tensor[], targets?: readonly Tensor[]): Promise<CompiledEvaluation> {
    const typesOf = (tensors: readonly Tensor[]) => tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const key = `${typesOf(inputs)}|${targets ? typesOf(targets) : "none"}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const compile = async () => {
      await this.#model.prepare?.(inputs);
      const evaluation = buildEvaluationGraph({
        model: this.#model,
        inputs,
        ...(targets ? { lossFunc: this.#lossFunc, targets } : {}),
        target: this.#runtime.provider ?? defaultProvider(),
      });
      return { evaluation, session: await createSession(evaluation.graph, this.#runtime) };
    };
    const compiled = compile();
    this.#compiled.set(key, compiled);
    // A graph that cannot be built is tried anew next time.
    compiled.catch(() => this.#compiled.delete(key));
    return compiled;
  }
}

function run(
  { evaluation, session }: CompiledEvaluation,
  tensors: StateTensors,
  batch: Pick<Batch, "inputs" | "targets">,
): Promise<Record<string, Tensor>> {
  const feeds = batchFeeds(batch);
  for (const { name } of evaluation.graph.inputs) {
    if (tensors[name]) feeds[name] = tensors[name];
  }
  return session.run(feeds);
}
