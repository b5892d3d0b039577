import type { Layer, Model, Optimizer } from "@lrfind/engine";
import { adam, modelOf } from "@lrfind/engine";
import { checkArgument, integer } from "lrfind/core";
import type { FileSource } from "../data/index.js";
import { withAverage } from "./average.js";
import { boolean, check, checkLearnerOptions, path as pathCheck } from "./checks.js";
import { refuse } from "./errors.js";
import type { Recorder } from "./fit/callbacks/index.js";
import { FitRunner } from "./fit/fit-runner.js";
import type { FitHost } from "./fit/host.js";
import { startHyper, startRates } from "./fit/start-values.js";
import { SessionCache } from "./fit/step/session-cache.js";
import { StepRunner } from "./fit/step/step-runner.js";
import type { LearnerOptions } from "./learner-options.js";
import { checkLearner } from "./option-checks.js";
import { ParameterGroups } from "./parameter-groups.js";
import { initialState } from "./state.js";
import { StateCell } from "./state-cell.js";
import type { RestoreOptions } from "./store/index.js";
import { loadState, saveState } from "./store/index.js";
import { fixedLines, formatSummary, layersOf } from "./summary.js";
import { describeData } from "./use/export.js";
import { Inference } from "./use/inference.js";

const DEFAULT_MAX_SESSIONS = 32;

/** What a `Learner` is apart from its fits: its parts, which of its parameters train, and its checkpoints. */
export abstract class LearnerBase extends Inference implements FitHost {
  readonly optFunc: Optimizer;
  readonly seed: number;
  protected readonly options: LearnerOptions;
  protected readonly groups: ParameterGroups;
  protected readonly steps: StepRunner;
  protected readonly fits: FitRunner;

  /**
   * @param options - See `LearnerOptions`.
   * @throws {LearnerError} when something that it needs is missing, an option does not exist (such as `bs`, `optimizer` or
   *   `learningRate`), or has a value that cannot be used: a function where its result is wanted, for one.
   */
  constructor(options: LearnerOptions) {
    checkLearner(options);
    const { runtime = {}, gradientTransform, accumulate = 1, trainBn = true, wdBnBias = false } = options;
    const { maxSessions = DEFAULT_MAX_SESSIONS } = options;
    checkArgument("Learner", "maxSessions", maxSessions, integer({ min: 1 }), refuse);
    const model = isLayer(options.model) ? modelOf(options.model) : options.model;
    super({
      ...options,
      model,
      runtime,
      cell: new StateCell(initialState(model, options.seed ?? 0)),
      sessions: new SessionCache(maxSessions),
    });
    this.options = options;
    this.optFunc = options.optFunc ?? adam();
    this.seed = options.seed ?? 0;
    const rules = { trainBn, wdBnBias };
    this.groups = new ParameterGroups(this.model, options.splitter?.(this.model), rules);
    startRates("Learner", options, this.paramGroups.length);
    startHyper("Learner", options, this.optFunc);
    this.steps = new StepRunner({
      model: this.model,
      lossFunc: this.lossFunc,
      optimizer: this.optFunc,
      groups: this.groups.groups,
      decayed: this.groups.decayed,
      runtime,
      sessions: this.sessions,
      ...(gradientTransform ? { gradientTransform } : {}),
    });
    this.fits = new FitRunner({
      ...{ host: this, cell: this.cell, steps: this.steps, loader: this.dls.train, accumulate },
      checkOpen: (where) => this.sessions.checkOpen(where),
    });
  }

  /** Names of the parameter groups, first layers first. */
  get paramGroups(): readonly string[] {
    return this.groups.groups.map(({ name }) => name);
  }

  /** Names of the parameters that are trained. */
  get trained(): ReadonlySet<string> {
    return this.groups.trained;
  }

  /** What the last fit did, or the one that runs. */
  get recorder(): Recorder {
    return this.fits.recorder;
  }

  /** Freezes all parameter groups but the last. @throws {LearnerError} when there is only one. */
  freeze(): void {
    this.sessions.checkOpen("freeze");
    this.groups.freeze();
  }

  /**
   * Freezes the groups before the n-th and thaws the others; a negative `n` counts from the end. Normalisation's
   * parameters stay in training, unless `trainBn` is false.
   *
   * @throws {LearnerError} when that would leave no group to train.
   */
  freezeTo(n: number): void {
    this.sessions.checkOpen("freezeTo");
    this.groups.freezeTo(n);
  }

  /** Thaws all parameter groups. */
  unfreeze(): void {
    this.sessions.checkOpen("unfreeze");
    this.groups.freezeTo(0);
  }

  /** A table of the layers with their parameters, and which are trained; buffers of an imported model, and rows that stay. */
  summary(): string {
    this.sessions.checkOpen("summary");
    return formatSummary(layersOf(this.model, this.groups), fixedLines(this.model));
  }

  /**
   * Saves parameters, buffers, optimizer state and counters as a safetensors file, atomically: a fit that is resumed
   * from it goes on bit for bit. Which groups are frozen is not saved.
   *
   * Folders on the way to the file are made. What the callbacks of the fit that is running, or of the last one, remember
   * is saved too.
   *
   * @throws {LearnerError} when the file cannot be written; the old file is then as it was.
   */
  async save(path: string | URL): Promise<void> {
    this.sessions.checkOpen("save");
    check("save", "path", path, pathCheck);
    const callbacks = this.fits.callbackStates;
    const description = describeData(this.dls);
    await saveState(path, this.state, { optimizer: this.optFunc, description, callbacks });
  }

  /**
   * Takes the state from a file that `save` wrote (its path, or its bytes in any form: see `FileSource`).
   *
   * @throws {LearnerError} when the file is cut short, foreign, of another model or optimizer, or without part of the
   *   optimizer's state; the learner is then as it was.
   */
  async load(source: FileSource, options: RestoreOptions = {}): Promise<void> {
    this.sessions.checkOpen("load");
    checkLearnerOptions<RestoreOptions>("load", options, { weightsOnly: boolean, freshOptimizer: boolean });
    const current = this.cell.current;
    const context = { model: this.model, optimizer: this.optFunc, current };
    const { state, callbacks } = await loadState(source, context, options);
    this.cell.replace(state);
    this.fits.remember(callbacks);
  }

  /**
   * Puts an average of the weights, which the optimizer keeps (`ema`, `swa` or `lookahead` in a `chain`), into the weights'
   * place, to validate, predict with, export or train on. Parameters that no step has trained stay.
   *
   * @param name - Which: "ema", say, or "ema2" for the second of a chain. Default: the last of the chain.
   * @returns Puts the weights back; for before training goes on.
   * @throws {LearnerError} when the optimizer keeps no such average.
   *
   * @example
   * ```ts
   * const back = learn.useAverage();
   * console.log(await learn.validate());
   * back();
   * ```
   */
  useAverage(name?: string): () => void {
    this.sessions.checkOpen("useAverage");
    return withAverage(this.cell, this.optFunc, name);
  }
}

function isLayer(model: Model | Layer): model is Layer {
  return "kind" in model;
}
