import type {
  EndingKind,
  EvaluationGraph,
  LossFunc,
  Model,
  Session,
  SessionOptions,
  Tensor,
} from "@lrfind/engine";
import { buildEvaluationGraph, createSession, defaultProvider } from "@lrfind/engine";
import type { Batch } from "../../data/index.js";
import { batchFeeds, lossOf } from "../fit/step/feeds.js";
import { prepareModel } from "../fit/step/prepare.js";
import type { SessionCache } from "../fit/step/session-cache.js";
import type { StateTensors } from "../state.js";

interface CompiledEvaluation {
  readonly evaluation: EvaluationGraph;
  readonly session: Session;
}

/** What an evaluator is made of. */
export interface EvaluatorOptions {
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly runtime?: SessionOptions;
  readonly sessions: SessionCache;
}

/** What a model makes of a mini-batch. */
export interface Evaluation {
  /** The model's output, [N, …]. */
  readonly prediction: Tensor;
  /** What the loss and the metrics are given: the output, or the logits of which it is the probabilities. */
  readonly scores: Tensor;
  /** What single scores are: probabilities, where the model ends in a Sigmoid and the loss takes its output. */
  readonly outputs: "logits" | "probabilities";
  /** Mean loss over the mini-batch; NaN where `weight` is 0. */
  readonly loss: number;
  /** The same before the division by `weight`. */
  readonly sum: number;
  /** What the loss is a mean over: items, elements or labels that count. */
  readonly weight: number;
}

/** Runs the model forward without training: one session per shape of mini-batch. */
export class Evaluator {
  readonly #model: Model;
  readonly #lossFunc: LossFunc;
  readonly #runtime: SessionOptions;
  readonly #sessions: SessionCache;

  constructor({ model, lossFunc, runtime = {}, sessions }: EvaluatorOptions) {
    this.#sessions = sessions;
    this.#model = model;
    this.#lossFunc = lossFunc;
    this.#runtime = runtime;
  }

  /** Prediction and loss of one mini-batch. The signal is looked at where the graph is to be built first. */
  async evaluate(tensors: StateTensors, batch: Batch, signal?: AbortSignal): Promise<Evaluation> {
    return this.#use(batch.inputs, batch.targets, signal, async (compiled) => {
      this.#lossFunc.check?.({ shape: compiled.evaluation.predictionShape }, batch.targets);
      const results = await run(compiled, tensors, batch);
      const prediction = results["prediction"]!;
      const { sum, weight } = lossOf(results, compiled.evaluation);
      const { logits } = results;
      const isProbability = logits === undefined && compiled.evaluation.ending === "sigmoid";
      const outputs = isProbability ? "probabilities" : "logits";
      return { prediction, scores: logits ?? prediction, outputs, loss: sum / weight, sum, weight };
    });
  }

  /** Prediction for inputs whose targets are not known. */
  async predict(tensors: StateTensors, inputs: readonly Tensor[], signal?: AbortSignal): Promise<Tensor> {
    return this.#use(inputs, undefined, signal, async (compiled) => {
      return (await run(compiled, tensors, { inputs, targets: [] }))["prediction"]!;
    });
  }

  /** In what probabilities the model ends, for inputs of these shapes; undefined where in none. */
  async ending(inputs: readonly Tensor[], signal?: AbortSignal): Promise<EndingKind | undefined> {
    return this.#use(inputs, undefined, signal, async ({ evaluation }) => evaluation.ending);
  }

  #use<R>(
    inputs: readonly Tensor[],
    targets: readonly Tensor[] | undefined,
    signal: AbortSignal | undefined,
    act: (compiled: CompiledEvaluation) => Promise<R>,
  ): Promise<R> {
    const typesOf = (tensors: readonly Tensor[]) => tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const key = `evaluation|${typesOf(inputs)}|${targets ? typesOf(targets) : "none"}`;
    const make = async () => {
      await prepareModel(this.#model, inputs, signal);
      const evaluation = buildEvaluationGraph({
        model: this.#model,
        inputs,
        ...(targets ? { lossFunc: this.#lossFunc, targets } : {}),
        target: this.#runtime.provider ?? defaultProvider(),
      });
      return { evaluation, session: await createSession(evaluation.graph, this.#runtime) };
    };
    return this.#sessions.use(key, make, act);
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
