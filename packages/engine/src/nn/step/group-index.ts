import { arrayOf, type Check, string } from "lrfind/core";
import { OnnxError } from "../../onnx/index.js";
import type { Model, ParamGroup } from "../model.js";

/** A parameter group. */
export const GROUP: Check = {
  expected: "a group { name, parameters }",
  accepts: (group) => {
    const { name, parameters } = Object(group) as Partial<ParamGroup>;
    return typeof name === "string" && arrayOf(string).accepts(parameters);
  },
};
/** The index of each parameter's group. @throws {OnnxError} unless each is in one. */
export function indexGroups(model: Model, groups: readonly ParamGroup[]): Map<string, number> {
  const groupOf = new Map<string, number>();
  groups.forEach((group, i) => {
    for (const name of group.parameters) {
      if (groupOf.has(name)) {
        throw new OnnxError({
          where: "buildTrainingGraph",
          expected: `"${name}" in one parameter group`,
          got: "it in two",
        });
      }
      groupOf.set(name, i);
    }
  });
  for (const { name } of model.parameters) {
    if (!groupOf.has(name)) {
      throw new OnnxError({
        where: "buildTrainingGraph",
        expected: `"${name}" in a parameter group`,
        got: "it in none",
      });
    }
  }
  return groupOf;
}
