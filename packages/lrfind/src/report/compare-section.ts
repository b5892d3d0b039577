import { plainText } from "../core/index.js";
import { element } from "../draw/index.js";
import { colorOf, DASHES, drawOverlayPanel, overlayOf } from "../plot/internal.js";
import { figure, PANELS, thinnedRows } from "./finding-section.js";
import { h, text } from "./html.js";
import { type NamedReport, recordedFindings } from "./reportable.js";
import { verdictOf } from "./verdict.js";

/** Several results side by side: their curves on common axes, and a row for each. */
export function compareSection(results: readonly NamedReport[]): string {
  const whole = overlayOf(results);
  const lines = whole.lines.map((line) => ({ ...line, points: thinnedRows(line.points) }));
  const overlay = { ...whole, lines };
  const panels = {
    wide: drawOverlayPanel(overlay, PANELS.wide, "wideAll"),
    narrow: drawOverlayPanel(overlay, PANELS.narrow, "narrowAll"),
  };
  const data = { points: [], thinnedFrom: undefined, marks: [], remarks: [], panels: {} };
  const rows = results
    .flatMap(({ name, result }) =>
      recordedFindings(result).map((finding) => ({
        name: finding.group === undefined ? name : `${name}, ${finding.group}`,
        verdict: verdictOf(finding, undefined),
      })),
    )
    .map(({ name, verdict }, i) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, key(i), text(plainText(name))),
        h("td", {}, text(verdict.rate)),
        h("td", {}, text(verdict.interval)),
        h("td", {}, text(verdict.trust.text)),
      ),
    );
  const head = ["", "rate", "between", "how far to trust it"].map((title) =>
    title === "" ? h("td", {}) : h("th", { scope: "col" }, title),
  );
  return h(
    "section",
    { class: "compare", "aria-labelledby": "compare" },
    h("h2", { id: "compare" }, "Side by side"),
    figure(panels, overlay.notes, data),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-labelledby": "compare" },
      h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
    ),
  );
}

function key(i: number): string {
  const line = {
    d: "M-9,0H9",
    stroke: colorOf(i),
    "stroke-width": 2.5,
    "stroke-dasharray": DASHES[i % DASHES.length],
  };
  return element(
    "svg",
    { class: "key line", viewBox: "-9 -9 18 18", "aria-hidden": "true" },
    element("path", { class: i % 7 === 0 ? "smoothed" : undefined, ...line }),
  );
}
