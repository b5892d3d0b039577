import { chartDomains, chartTicks, type LineChart } from "./line-chart.js";
import { paddedTo, shortenedTo, widthOf } from "./text-width.js";

/**
 * A chart of lines as text, without colour: each line is drawn by a letter of its name, so that it can be told from the
 * others by whoever sees no colours, and on a terminal that has none.
 *
 * @param chart - Its note stands under its title.
 * @param size - Most columns, at least 20, and most rows, legend included, at least 8.
 */
export function textChart(
  chart: LineChart,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  const { lines } = chart;
  const domain = chartDomains(lines);
  const letters = lettersOf(lines.map(({ name }) => name));
  const legend = packed(
    [`${chart.xLabel}:`, ...lines.map(({ name, isFaint }, i) => `${isFaint ? "·" : letters[i]} ${name}`)],
    columns,
  );
  const ticks = chartTicks(domain, 2, Math.max(2, Math.round(rows / 4)));
  const gutter = Math.max(...ticks.y.map(({ label }) => label.length), 3);
  const [width, height] = [columns - gutter - 1, Math.max(3, rows - 4 - legend.length)];
  const cells = Array.from({ length: height }, () => new Array<string>(width).fill(" "));
  const column = (x: number) => Math.round(((width - 1) * (x - domain.x[0])) / (domain.x[1] - domain.x[0]));
  const row = (y: number) =>
    height - 1 - Math.round(((height - 1) * (y - domain.y[0])) / (domain.y[1] - domain.y[0]));
  // Faint lines first: the others lie over them.
  for (const faint of [true, false]) {
    for (const [i, { points, isFaint = false }] of lines.entries()) {
      if (isFaint !== faint) continue;
      for (const [x, y] of points) {
        if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
        const line = cells[row(y)];
        if (line !== undefined) line[column(x)] = isFaint ? "·" : letters[i]!;
      }
    }
  }
  const labels = new Map(ticks.y.map(({ value, label }) => [row(value), label]));
  const body = cells.map((line, i) => `${(labels.get(i) ?? "").padStart(gutter)}┤${line.join("")}`.trimEnd());
  const [first, last] = endsOf(domain);
  const axis = `${" ".repeat(gutter)}└${"─".repeat(width)}`;
  const under = `${" ".repeat(gutter + 1)}${paddedTo(first, Math.max(first.length, width - last.length))}${last}`;
  return [chart.title, chart.note, ...body, axis, under, ...legend]
    .map((line) => shortenedTo(line, columns))
    .join("\n");
}

/** The whole numbers at the ends of the axis. */
function endsOf({ x: [low, high], isEmpty }: ReturnType<typeof chartDomains>): readonly [string, string] {
  if (isEmpty) return ["", ""];
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  return first === last ? ["", ""] : [String(first), String(last)];
}

/** Entries of a legend, as many on a line as fit. */
function packed(entries: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const entry of entries) {
    const gap = lines.length === 1 && lines[0] === entries[0] ? " " : "   ";
    const line = lines.at(-1);
    if (line !== undefined && widthOf(line) + gap.length + widthOf(entry) <= columns) {
      lines[lines.length - 1] = `${line}${gap}${entry}`;
    } else {
      lines.push(entry);
    }
  }
  return lines;
}

function lettersOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const letter =
      [...name.replaceAll(/[^A-Za-z]/g, ""), ..."abcdefghijklmnopqrstuvwxyz"].find(
        (each) => !taken.has(each),
      ) ?? "*";
    taken.add(letter);
    return letter;
  });
}
