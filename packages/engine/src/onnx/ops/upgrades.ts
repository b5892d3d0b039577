import { checkModelFile } from "../checks.js";
import { OnnxError } from "../errors.js";
import type { FileNode, ModelFile } from "../file/model-file.js";
import { OPSET } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { dropoutUpgrades } from "./dropout/upgrade.js";
import { elementwiseUpgrades } from "./elementwise/upgrade.js";
import { gatherUpgrades } from "./gather/upgrade.js";
import { generateUpgrades } from "./generate/upgrade.js";
import { layoutUpgrades } from "./layout/upgrade.js";
import { normalizationUpgrades } from "./normalization/upgrade.js";
import { onnxOperators } from "./onnx-operators.js";
import { poolUpgrades } from "./pool/upgrade.js";
import { recurrentUpgrades } from "./recurrent/upgrade.js";
import { reduceUpgrades } from "./reduce/upgrade.js";
import { coordinateUpgrades } from "./resize/coordinates.js";
import { resizeUpgrades } from "./resize/upgrade.js";
import { selectionUpgrades } from "./selection/upgrade.js";
import { softmaxUpgrades } from "./softmax/upgrade.js";
import { type UpgradeContext, type UpgradeRule, upgradeError } from "./upgrade-rule.js";

/** Operators whose form changed since operator set 7. */
export const upgradeRules: Readonly<Record<string, UpgradeRule>> = {
  ...coordinateUpgrades,
  ...dropoutUpgrades,
  ...elementwiseUpgrades,
  ...gatherUpgrades,
  ...generateUpgrades,
  ...layoutUpgrades,
  ...normalizationUpgrades,
  ...poolUpgrades,
  ...recurrentUpgrades,
  ...reduceUpgrades,
  ...resizeUpgrades,
  ...selectionUpgrades,
  ...softmaxUpgrades,
};

/** Oldest operator set that is read: before 7, broadcasting was another. */
const OLDEST = 7;
/** Newest one: 22 only lets more element types in. */
const NEWEST = 22;

/** A model in our operator set. */
export interface UpgradedFile extends ModelFile {
  /** Names of the initialisers that were Constant nodes: numbers of the model's author, not weights. */
  readonly constants: ReadonlySet<string>;
}

/**
 * Brings a model of operator set 7 to 22 to the one that our graphs are written in. Constant nodes become
 * initialisers.
 *
 * @throws {OnnxError} when the operator set is older or newer, or a node is of a form that has no counterpart.
 *
 * Source: ONNX operator changelog.
 */
export function upgradeModel(model: ModelFile): UpgradedFile {
  checkModelFile("upgradeModel", model);
  if (model.opset < OLDEST || model.opset > NEWEST) {
    throw new OnnxError({
      where: `"${model.file}"`,
      expected: `operator set ${OLDEST} to ${NEWEST}`,
      got: String(model.opset),
      hint: "exporting with opset_version=17",
    });
  }
  const initializers = new Map(model.initializers);
  const constants = new Set<string>();
  const names = new Set([
    ...initializers.keys(),
    ...model.inputs.map(({ name }) => name),
    ...model.nodes.flatMap((node) => node.outputs),
  ]);
  const define = (name: string, contents: Tensor) => {
    initializers.set(name, contents);
    constants.add(name);
  };
  const fresh = (hint: string) => {
    let name = hint;
    for (let i = 1; names.has(name); i++) name = `${hint}_${i}`;
    names.add(name);
    return name;
  };
  const context: UpgradeContext = {
    opset: model.opset,
    define,
    fresh,
    constant: (contents, hint) => {
      const name = fresh(hint);
      define(name, contents);
      return name;
    },
    contentsOf: (name) => initializers.get(name),
  };
  const upgrade = (node: FileNode) => {
    if (node.domain !== "") return [node];
    if (!onnxOperators.has(node.opType)) {
      throw upgradeError(node, `an operator of ONNX's operator sets ${OLDEST} to ${NEWEST}`);
    }
    return upgradeRules[node.opType]?.(node, context) ?? [node];
  };
  return { ...model, opset: OPSET, nodes: model.nodes.flatMap(upgrade), initializers, constants };
}
