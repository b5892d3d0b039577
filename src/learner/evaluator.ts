import type { Batch } from "../data/index.js";
import type { EvaluationGraph, LossFunc, Model } from "../nn/index.js";
import { buildEvaluationGraph } from "../nn/index.js";
import type { Tensor } from "../onnx/index.js";
import type { Session, SessionOptions } from "../runtime/index.js";
import { createSession } from "../runtime/index.js";
import type { TrainState } from "./state.js";

interface CompiledEvaluation {
  readonly evaluation: EvaluationGraph;
  readonly session: Session;
}

/** What a model makes of a mini-batch. */
export interface Evaluation {
  /** The model's output, [N, …]. */
  readonly prediction: Tensor;
  /** Mean loss over the mini-batch's items. */
  readonly loss: number;
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
  async evaluate(state: TrainState, batch: Batch): Promise<Evaluation> {
    const { evaluation, session } = await this.#compile(batch);
    this.#lossFunc.check?.({ shape: evaluation.predictionShape }, batch.targets);
    const feeds: Record<string, Tensor> = {};
    batch.inputs.forEach((input, i) => {
      feeds[`input:${i}`] = input;
    });
    batch.targets.forEach((target, i) => {
      feeds[`target:${i}`] = target;
    });
    for (const { name } of evaluation.graph.inputs) {
      if (state.tensors[name]) feeds[name] = state.tensors[name];
    }
    const results = await session.run(feeds);
    return { prediction: results.prediction!, loss: results.loss!.data[0] as number };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const compiled = [...this.#compiled.values()];
    this.#compiled.clear();
    for (const result of await Promise.allSettled(compiled)) {
      if (result.status === "fulfilled") await result.value.session[Symbol.asyncDispose]();
    }
  }

  #compile({ inputs, targets }: Batch): Promise<CompiledEvaluation> {
    const key = [...inputs, ...targets].map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
    const known = this.#compiled.get(key);
    if (known) return known;
    const compile = async () => {
      await this.#model.prepare?.(inputs);
      const evaluation = buildEvaluationGraph({
        model: this.#model,
        lossFunc: this.#lossFunc,
        inputs,
        targets,
        target: this.#runtime.provider ?? "cpu",
      });
      return { evaluation, session: await createSession(evaluation.graph, this.#runtime) };
    };
    const compiled = compile();
    this.#compiled.set(key, compiled);
    compiled.catch(() => this.#compiled.delete(key));
    return compiled;
  }
}
