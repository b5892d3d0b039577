import type { StateTensors, TrainState } from "./state.js";

/**
 * Holds the current state, and knows which older tensors nobody else can hold, so that a step may write into them:
 * two sets of tensors then take turns.
 */
export class StateCell {
  #state: TrainState;
  /** Tensors that the step to the current state made. */
  #made: StateTensors = {};
  /** Whether somebody outside may hold the current state. */
  #isShared = true;
  #recycle: StateTensors = {};

  /** @param state - Belongs to somebody else: its tensors are never written to. */
  constructor(state: TrainState) {
    this.#state = state;
  }

  /** The current state, for those who do not keep it. */
  get current(): TrainState {
    return this.#state;
  }

  /** Tensors that the next step may write its results into. */
  get recycle(): StateTensors {
    return this.#recycle;
  }

  /** The current state, for those who may keep it. */
  share(): TrainState {
    this.#isShared = true;
    return this.#state;
  }

  /**
   * Makes the outcome of a step the current state.
   *
   * @param made - The tensors that the step made; only these can be known to be nobody else's.
   */
  commit(state: TrainState, made: StateTensors): void {
    this.#recycle = this.#isShared ? {} : this.#made;
    this.#state = state;
    this.#made = made;
    this.#isShared = false;
  }

  /** Counts an epoch; the tensors stay. */
  endEpoch(): void {
    this.#state = { ...this.#state, epoch: this.#state.epoch + 1 };
  }

  /** Makes a state from elsewhere the current one. */
  replace(state: TrainState): void {
    this.#state = state;
    this.#made = {};
    this.#recycle = {};
    this.#isShared = true;
  }
}
