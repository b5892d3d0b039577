import type { Hyper, Optimizer, TrainingGraph, TrainingGraphOptions } from "../../src/nn/index.js";
import { buildTrainingGraph } from "../../src/nn/index.js";
import type { Tensor } from "../../src/onnx/index.js";
import { tensor } from "../../src/onnx/index.js";
import type { Session } from "../../src/runtime/index.js";
import { createSession } from "../../src/runtime/index.js";

/** A scalar feed. */
export const scalar = (value: number): Tensor => tensor("float32", [], [value]);

/** Everything that a step changes, by the names of the graph's inputs (param:…, slot:…, sum:…, buffer:…). */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A training graph in a session, fed by hand. */
export class Steps implements AsyncDisposable {
  readonly training: TrainingGraph;
  readonly #session: Session;
  readonly #optimizer: Optimizer;

  private constructor(training: TrainingGraph, session: Session, optimizer: Optimizer) {
    this.training = training;
    this.#session = session;
    this.#optimizer = optimizer;
  }

  static async make(options: TrainingGraphOptions): Promise<Steps> {
    const training = buildTrainingGraph(options);
    return new Steps(training, await createSession(training.graph, { threads: 1 }), options.optimizer);
  }

  /** Runs a step: `state` holds what it knows of the inputs; slots, sums and the like are zero where it is silent. */
  async run(
    state: Tensors,
    step: { number?: number; lr?: number; hyper?: Hyper; feeds?: Tensors; priorWeight?: number },
  ): Promise<{ loss: number; state: Tensors; outputs: Tensors }> {
    const { number = 1, lr = 0.1, hyper = this.#optimizer.defaults, priorWeight = 0 } = step;
    const scalars: Readonly<Record<string, number>> = {
      ...this.#optimizer.scalars(number, hyper),
      priorWeight,
    };
    const feeds: Record<string, Tensor> = {};
    for (const { name, shape, dtype } of this.training.graph.inputs) {
      const size = shape.reduce((a, b) => a * b, 1);
      if (name.startsWith("lr:")) feeds[name] = scalar(lr);
      else if (name.startsWith("scalar:")) feeds[name] = scalar(scalars[name.slice(7)]!);
      else
        feeds[name] =
          step.feeds?.[name] ?? state[name] ?? tensor(dtype, shape, new Array<number>(size).fill(0));
    }
    const outputs = await this.#session.run(feeds);
    const next: Record<string, Tensor> = { ...state };
    for (const [name, value] of Object.entries(outputs)) {
      if (name.startsWith("next:")) next[name.slice(5)] = value;
    }
    return { loss: outputs["loss"]!.data[0] as number, state: next, outputs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
