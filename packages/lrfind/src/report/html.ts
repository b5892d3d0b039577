import { escaped } from "../draw/index.js";

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const VOID = new Set(["input", "br", "meta"]);

/**
 * An element of HTML as text.
 *
 * @param attributes - True is an attribute without a value; false and undefined leave one out.
 * @param children - Elements made by this function, or text made by {@link text}.
 */
export function h(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined || value === false
      ? ""
      : value === true
        ? ` ${key}`
        : ` ${key}="${escaped(String(value))}"`,
  );
  const start = `<${name}${written.join("")}>`;
  return VOID.has(name) ? start : `${start}${children.join("")}</${name}>`;
}

/** A text, made harmless. */
export function text(value: string): string {
  return escaped(value);
}

/** Plain data inside a script element, which it cannot end. */
export function embedded(id: string, data: unknown): string {
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<script type="application/json" class="${id}">${json}</script>`;
}
