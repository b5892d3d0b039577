import { formatRate, plainText } from "../core/index.js";
import { type LossRange, lossRange } from "./loss-range.js";
import { findingsOf, type Plottable, type ScenePoint, sceneOf } from "./scene.js";

/** A result with the name by which a picture of several tells it. */
export interface NamedResult {
  /** A file's name, a model's, whatever tells it from the others. */
  readonly name: string;
  readonly result: Plottable;
}

/** More lines than this cannot be told apart. */
export const MAX_OVERLAID = 8;

/** One curve among others. */
export interface OverlayLine {
  /** The name, and the first suggester's rate. */
  readonly label: string;
  readonly points: readonly ScenePoint[];
  /** The first suggestion on the curve; null where there is none. */
  readonly at: { readonly lr: number; readonly loss: number } | null;
}

/** What a picture of several results shows: their smoothed losses and first suggestions, on common axes. */
export interface Overlay {
  readonly lines: readonly OverlayLine[];
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
  readonly notes: readonly string[];
}

/** Works out what a picture of several results shows; a finding of each parameter group is a line of its own. */
export function overlayOf(results: readonly NamedResult[]): Overlay {
  const scenes = results.flatMap(({ name, result }) =>
    findingsOf(result).map((finding) => {
      const group = finding.group === undefined ? "" : `, ${plainText(finding.group)}`;
      return {
        name: `${plainText(name)}${group}`,
        scene: sceneOf(finding),
        first: Object.entries(finding.suggestions)[0],
      };
    }),
  );
  const ranges: LossRange[] = scenes.map(({ scene }) =>
    lossRange(
      scene.points.flatMap(({ smoothed }) => smoothed ?? []),
      [],
    ),
  );
  const drawn = ranges.filter(({ extent }) => extent !== undefined);
  const span = (ends: readonly (readonly [number, number])[]): readonly [number, number] =>
    ends.length === 0
      ? [0, 1]
      : [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
  const lossDomain = span(drawn.map(({ domain }) => domain));
  return {
    lines: scenes.map(({ name, scene, first }) => ({
      label: first === undefined ? name : `${name}: ${formatRate(first[1].lr)} (${plainText(first[0])})`,
      points: scene.points,
      at: scene.marks[0]?.at ?? null,
    })),
    lrDomain: span(scenes.filter(({ scene }) => scene.points.length > 0).map(({ scene }) => scene.lrDomain)),
    lossDomain,
    notes: [
      `Smoothed losses of ${scenes.length} range tests, marked where the first suggester stands.`,
      ...(drawn.some(({ cutAbove }) => cutAbove) ? ["The loss axis ends where the curves blow up."] : []),
    ],
  };
}
