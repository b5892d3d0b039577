import type { Model, Optimizer } from "@lrfind/engine";
import { sizeOf } from "@lrfind/engine";
import type { TrainerInfo } from "lrfind";
import type { ParameterGroups } from "./parameter-groups.js";
import { VERSION } from "./version.js";

/** The parameters of one layer. */
export interface LayerSummary {
  /** The layer's name in the model; "" for parameters outside of any. */
  readonly layer: string;
  /** Name of the parameter group. */
  readonly group: string;
  /** Shapes by the parameters' names within the layer. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Numbers in them. */
  readonly parameters: number;
  /** Whether they are trained, or frozen. */
  readonly trained: boolean;
}

/** What a learner is, for a search's result. */
export function infoOf(learner: {
  readonly model: Model;
  readonly optFunc: Optimizer;
  readonly trained: ReadonlySet<string>;
}): TrainerInfo {
  const { model, optFunc, trained } = learner;
  const sizes = model.parameters.map(({ name, shape }) => (trained.has(name) ? sizeOf(shape) : 0));
  return {
    name: `Learner with ${optFunc.name}`,
    parameters: sizes.reduce((sum, size) => sum + size, 0),
    versions: { "@lrfind/learner": VERSION },
  };
}

/** The layers that have parameters, in the model's order. */
export function layersOf(model: Model, groups: ParameterGroups): LayerSummary[] {
  const groupOf = new Map(
    groups.groups.flatMap(({ name, parameters }) => parameters.map((parameter) => [parameter, name])),
  );
  const { trained } = groups;
  const layers = new Map<string, LayerSummary>();
  for (const { name, shape } of model.parameters) {
    const cut = name.lastIndexOf(".");
    const layer = name.slice(0, Math.max(0, cut));
    const group = groupOf.get(name) ?? "";
    const key = [layer, group, trained.has(name)].join("|");
    const known = layers.get(key);
    layers.set(key, {
      layer,
      group,
      shapes: { ...known?.shapes, [name.slice(cut + 1)]: shape },
      parameters: (known?.parameters ?? 0) + sizeOf(shape),
      trained: trained.has(name),
    });
  }
  return [...layers.values()];
}

/**
 * What of a model is not trained though it could be, a line each: tensors that nothing changes, and rows of parameters
 * that stay, such as padding's.
 */
export function fixedLines({ parameters, fixed = [] }: Model): string[] {
  const tensors = fixed.map(({ name, shape }) => `${name} [${shape.join(", ")}]`);
  const rows = parameters.flatMap(({ name, fixedRows = [] }) =>
    fixedRows.length > 0 ? [`${name} row ${fixedRows.join(", ")}`] : [],
  );
  return [
    ...(tensors.length > 0 ? [`buffers, not trained: ${tensors.join("  ")}`] : []),
    ...(rows.length > 0 ? [`rows that stay: ${rows.join("  ")}`] : []),
  ];
}

/** Layers as a table of text, with totals; `notes` are lines after it. */
export function formatSummary(layers: readonly LayerSummary[], notes: readonly string[] = []): string {
  const head = ["layer", "group", "shapes", "parameters", "trained"];
  const rows = layers.map(({ layer, group, shapes, parameters, trained }) => [
    layer,
    group,
    Object.entries(shapes)
      .map(([name, shape]) => `${name} [${shape.join(", ")}]`)
      .join("  "),
    grouped(parameters),
    trained ? "yes" : "no",
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => (i === 3 ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const trained = layers.reduce((sum, layer) => sum + (layer.trained ? layer.parameters : 0), 0);
  return [
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map(line),
    "",
    `${grouped(total)} parameters, ${grouped(trained)} of them trained`,
    ...notes,
  ].join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}
