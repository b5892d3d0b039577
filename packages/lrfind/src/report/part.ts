import { arrayOf, type Check, string } from "../core/index.js";
import { h, text } from "./html.js";

/** A picture, a table or code of a report, under its heading. */
export type ReportPart = {
  readonly heading: string;
  /** A sentence under the heading. */
  readonly note?: string;
} & (
  | {
      /** What draws an SVG document: any picture of lrfind's packages. The report trusts it. */
      readonly picture: { toSvg(): string };
    }
  | { readonly table: ReportTable }
  | {
      /** Lines of a program, with a button to copy them. */
      readonly code: string;
    }
);

/** A table of texts. */
export interface ReportTable {
  readonly columns: readonly string[];
  /** As many texts each as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

const texts = arrayOf(string);

/** A part of a report. */
export const PART: Check = {
  expected: "{ heading, picture }, { heading, table: { columns, rows } } or { heading, code }",
  accepts(value) {
    const { heading, note, picture, table, code } = Object(value) as Readonly<Record<string, unknown>>;
    if (!string.accepts(heading) || (note !== undefined && !string.accepts(note))) return false;
    if (typeof (Object(picture) as Partial<{ toSvg: unknown }>).toSvg === "function") return true;
    if (string.accepts(code)) return true;
    const { columns, rows } = Object(table) as Partial<ReportTable>;
    return (
      texts.accepts(columns) &&
      arrayOf(texts).accepts(rows) &&
      rows!.every(({ length }) => length === columns!.length)
    );
  },
};

/** A part as a section, whose picture or table scrolls sideways where a page is narrow. */
export function partSection(part: ReportPart, i: number): string {
  const id = `part${i}`;
  const body = bodyOf(part, id);
  return h(
    "section",
    { "aria-labelledby": id },
    h("h2", { id }, text(part.heading)),
    part.note === undefined ? "" : h("p", { class: "note" }, text(part.note)),
    body,
  );
}

function bodyOf(part: ReportPart, id: string): string {
  if ("picture" in part) {
    return h("figure", { class: "picture" }, h("div", scrolling("scroll", id), part.picture.toSvg()));
  }
  if ("table" in part) return h("div", scrolling("scroll", id), tableOf(part.table));
  return h(
    "div",
    { class: "code" },
    h("pre", { tabindex: 0 }, h("code", {}, part.code.split("\n").map(text).join("\n"))),
    h("button", { type: "button", class: "copy" }, "Copy"),
  );
}

/** What scrolls is to be reached by keyboard. */
function scrolling(name: string, id: string): Readonly<Record<string, string | number>> {
  return { class: name, tabindex: 0, role: "group", "aria-labelledby": id };
}

function tableOf({ columns, rows }: ReportTable): string {
  const line = (cells: readonly string[], name: "th" | "td") =>
    h("tr", {}, ...cells.map((cell) => h(name, name === "th" ? { scope: "col" } : {}, text(cell))));
  return h(
    "table",
    {},
    h("thead", {}, line(columns, "th")),
    h("tbody", {}, ...rows.map((cells) => line(cells, "td"))),
  );
}
