import {
  createSession,
  type Graph,
  type Session,
  type SessionOptions,
  type Tensor,
  tensor,
} from "@lrfind/engine";
import { buildTrainingGraph, initialTensors, sgd, type TrainingGraph } from "@lrfind/learner";
import { type Case, lossFunc, typeOf } from "./cases.js";

const optimizer = sgd({ mom: 0.9 });
const lr = 0.001;

/** The training step of a case as a graph: SGD with momentum, no weight decay. */
export function trainingGraphOf(bench: Case): TrainingGraph {
  const model = bench.model();
  const batch = bench.batch();
  return buildTrainingGraph({
    model,
    lossFunc,
    optimizer,
    inputs: batch.slice(0, -1).map(typeOf),
    targets: batch.slice(-1).map(typeOf),
    groups: [{ name: "all", parameters: model.parameters.map(({ name }) => name) }],
    decayed: new Set(),
  });
}

/** What a training step is fed at first. */
export function firstFeeds(bench: Case, { graph }: TrainingGraph): Record<string, Tensor> {
  const { parameters, buffers } = initialTensors(bench.model());
  const batch = bench.batch();
  const given: Record<string, Tensor> = { "target:0": batch.at(-1)! };
  batch.slice(0, -1).forEach((input, i) => {
    given[`input:${i}`] = input;
  });
  for (const [name, value] of parameters) given[`param:${name}`] = value;
  for (const [name, value] of buffers) given[`buffer:${name}`] = value;
  const scalars = optimizer.scalars(1, optimizer.defaults);
  for (const [name, value] of Object.entries(scalars))
    given[`scalar:${name}`] = tensor("float32", [], [value]);
  given["lr:0"] = tensor("float32", [], [lr]);
  const feeds: Record<string, Tensor> = {};
  for (const { name, shape } of graph.inputs) {
    const size = shape.reduce((a, b) => a * b, 1);
    feeds[name] = given[name] ?? tensor("float32", shape, new Float32Array(size));
  }
  return feeds;
}

/** Our training steps of a case: each goes from a state to the next, between two sets of tensors. */
export class OurSteps implements AsyncDisposable {
  readonly #session: Session;
  #feeds: Record<string, Tensor>;
  #into: Record<string, Tensor> | undefined;

  private constructor(session: Session, feeds: Record<string, Tensor>) {
    this.#session = session;
    this.#feeds = feeds;
  }

  /** @param graph - Another form of the case's training step. */
  static async make(bench: Case, options: SessionOptions, graph?: Graph): Promise<OurSteps> {
    const training = trainingGraphOf(bench);
    return new OurSteps(await createSession(graph ?? training.graph, options), firstFeeds(bench, training));
  }

  /** One training step; its loss. */
  async step(): Promise<number> {
    const results = await this.#session.run(this.#feeds, this.#into ? { into: this.#into } : {});
    const feeds = { ...this.#feeds };
    const into: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(results)) {
      if (!name.startsWith("next:")) continue;
      const input = name.slice("next:".length);
      // The first feeds hold one zero tensor for several slots: they are not written to.
      if (this.#into) into[name] = feeds[input]!;
      feeds[input] = value;
    }
    this.#into = into;
    this.#feeds = feeds;
    return results["loss"]!.data[0] as number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
