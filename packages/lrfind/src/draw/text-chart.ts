import { chartDomains, type LineChart } from "./line-chart.js";
import { paddedTo, shortenedTo } from "./text-width.js";
import { lossTicks } from "./ticks.js";

/**
 * A chart of lines as text, without colour: each line is drawn by a letter of its name, so that it can be told from the
 * others by whoever sees no colours, and on a terminal that has none.
 *
 * @param size - Most columns, at least 20, and most rows, legend included, at least 8.
 */
export function textChart(
  chart: LineChart,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  const { lines } = chart;
  const domain = chartDomains(lines);
  const letters = lettersOf(lines.map(({ name }) => name));
  const ticks = lossTicks(domain.y, Math.max(2, Math.round(rows / 4)));
  const gutter = Math.max(...ticks.map(({ label }) => label.length), 3);
  const [width, height] = [columns - gutter - 1, rows - 4];
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
  const labels = new Map(ticks.map(({ value, label }) => [row(value), label]));
  const body = cells.map((line, i) => `${(labels.get(i) ?? "").padStart(gutter)}┤${line.join("")}`.trimEnd());
  const [first, last] = domain.x.map((end) => String(Number(end.toPrecision(4)))) as [string, string];
  const axis = `${" ".repeat(gutter)}└${"─".repeat(width)}`;
  const under = `${" ".repeat(gutter + 1)}${paddedTo(first, Math.max(first.length, width - last.length))}${last}`;
  const legend = lines.map(({ name, isFaint }, i) => `${isFaint ? "·" : letters[i]} ${name}`).join("   ");
  return [chart.title, ...body, axis, under, `${chart.xLabel}: ${legend}`]
    .map((line) => shortenedTo(line, columns))
    .join("\n");
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
