import { element, markStyles, symbolPath } from "../draw/index.js";
import { type Explanation, edge, explain, minimum, slide, steep, suggest, valley } from "../finder/index.js";
import { drawPanel, type Panel, type Scene, sceneOf } from "../plot/internal.js";
import type { FigureData, MarkData } from "./figure-data.js";
import { embedded, h, text } from "./html.js";
import { placeOf } from "./place-of-diagnostic.js";
import type { RecordedFinding } from "./reportable.js";

/** The same plot for a screen and for a phone: text that shrinks with a picture cannot be read. */
export const PANELS = { wide: { width: 900, height: 430 }, narrow: { width: 360, height: 340 } } as const;

/** More points than this are thinned evenly: a page must open, and no screen shows them. */
const MAX_POINTS = 700;

const BUILT_IN = [valley, slide, steep, minimum, edge];

/** How the suggesters came to their rates; only where that leads to the rate that stands in the result. */
export function explanationsOf({
  curve,
  suggestions,
  runs,
}: RecordedFinding): Readonly<Record<string, Explanation>> {
  const asked = BUILT_IN.filter(({ name }) => suggestions[name]?.lr);
  if (asked.length === 0) return {};
  const now = suggest(curve, { suggestFuncs: asked });
  const same = asked.filter(({ name }) => {
    const { lr } = now[name as "edge"];
    // Of several runs the curve is the mean, and the rate that of the runs: it explains what is alike in them.
    return lr !== null && (runs !== undefined || Math.abs(lr / suggestions[name]!.lr! - 1) < 1e-9);
  });
  return same.length === 0 ? {} : explain(curve, { suggestFuncs: same });
}

/** A finding's curve with what is said of it. */
export function findingSection(finding: RecordedFinding, heading: string | undefined, index: number): string {
  const whole = sceneOf(finding);
  const scene = thinned(whole);
  const marks = marksOf(finding, scene);
  const remarks = (finding.diagnostics ?? []).map((diagnostic) => ({
    message: diagnostic.message,
    lr: placeOf(diagnostic, finding),
  }));
  const panels = {
    wide: drawPanel(scene, PANELS.wide, `wide${index}`),
    narrow: drawPanel(scene, PANELS.narrow, `narrow${index}`),
  };
  const id = `curve${index}`;
  const data = dataOf(scene, {
    marks,
    panels,
    remarks: remarks.map(({ lr }) => lr ?? null),
    steps: whole.points.length,
  });
  return h(
    "section",
    { class: "finding", "aria-labelledby": id },
    h("h2", { id }, text(heading ?? "The curve")),
    figure(panels, scene.notes, data),
    remarkList(remarks.map(({ message }) => message)),
    suggesterList(marks, scene),
  );
}

/** A scene of as many points as a page draws. */
function thinned(scene: Scene): Scene {
  return { ...scene, points: thinnedRows(scene.points), band: thinnedRows(scene.band) };
}

/** Every k-th row and the last. */
export function thinnedRows<T>(rows: readonly T[]): readonly T[] {
  const stride = Math.ceil(rows.length / MAX_POINTS);
  return stride <= 1 ? rows : rows.filter((_, i) => i % stride === 0 || i === rows.length - 1);
}

function marksOf(finding: RecordedFinding, scene: Scene): MarkData[] {
  const why = explanationsOf(finding);
  const styles = markStyles(scene.marks.map(({ name }) => name));
  return Object.entries(finding.suggestions).map(([name, suggestion], i) => {
    const { label, at } = scene.marks[i]!;
    const { color, shape } = styles[i]!;
    const reason = suggestion.lr === null ? suggestion.reason : undefined;
    return { name: scene.marks[i]!.name, label, color, shape, at, reason, why: why[name] };
  });
}

function dataOf(
  scene: Scene,
  {
    panels,
    steps,
    ...rest
  }: Pick<FigureData, "marks" | "remarks"> & {
    readonly steps: number;
    readonly panels: Record<"wide" | "narrow", Panel>;
  },
): FigureData {
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(6)));
  return {
    ...rest,
    points: scene.points.map(({ lr, raw, smoothed }) => [
      Number(lr.toPrecision(6)),
      short(raw),
      short(smoothed),
    ]),
    thinnedFrom: steps > scene.points.length ? steps : undefined,
    panels: Object.fromEntries(
      Object.entries(panels).map(([name, { plot, lrDomain, lossDomain }]) => [
        name,
        { plot, lrDomain, lossDomain },
      ]),
    ),
  };
}

/** The plot in both sizes, of which the style sheet shows one. */
export function figure(
  panels: Record<"wide" | "narrow", Panel>,
  notes: readonly string[],
  data: FigureData,
): string {
  const label = `Loss over the learning rate. ${notes.join(" ")}`;
  const pictures = Object.entries(panels).map(([name, { svg, width, height }]) =>
    element(
      "svg",
      {
        class: name,
        "data-panel": name,
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": label,
      },
      svg,
    ),
  );
  const thinned =
    data.thinnedFrom === undefined
      ? []
      : [`The page holds ${data.points.length} of ${data.thinnedFrom} steps; all are in the result's file.`];
  return h(
    "figure",
    { class: "curve" },
    ...pictures,
    h("p", { class: "reading", "aria-hidden": "true" }, "&nbsp;"),
    h("figcaption", {}, text([...notes, ...thinned].join(" "))),
    embedded("data", data),
  );
}

function remarkList(messages: readonly string[]): string {
  if (messages.length === 0) return "";
  return h(
    "ol",
    { class: "remarks", "aria-label": "What speaks against it, by the numbers at the curve" },
    ...messages.map((message) => h("li", {}, text(message))),
  );
}

function suggesterList(marks: readonly MarkData[], scene: Scene): string {
  if (marks.length === 0) return "";
  const rows = marks.map((mark, i) => {
    const symbol = element(
      "svg",
      { class: "key", viewBox: "-9 -9 18 18", "aria-hidden": "true" },
      element("path", { d: symbolPath(mark.shape, 120), fill: mark.color }),
    );
    const name = `${symbol}<span class="name">${text(mark.name)}</span>`;
    const found = mark.at !== null;
    return h(
      "li",
      { "data-mark": i },
      found
        ? h("label", {}, h("input", { type: "checkbox", checked: true }), name)
        : h("span", { class: "silent" }, name),
      h("span", { class: "rate" }, text(mark.label.slice(mark.name.length + 1))),
      mark.why === undefined
        ? ""
        : h(
            "button",
            {
              type: "button",
              class: "how",
              "aria-pressed": "false",
              "aria-label": `How ${mark.name} came to it`,
            },
            "How",
          ),
      h("span", { class: "because" }, text(mark.why?.text ?? mark.reason ?? "")),
    );
  });
  const band =
    scene.band.length > 0 ? h("p", {}, text(`The band is the range of ${scene.runCount} runs.`)) : "";
  return `${band}${h("ul", { class: "suggesters", "aria-label": "Suggesters" }, ...rows)}`;
}
