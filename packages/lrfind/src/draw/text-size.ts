import { charactersOf, widthOf } from "./text-width.js";

/** Lato travels with the package for the PNG; a viewer without it takes the next. */
export const FONT = "Lato, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/**
 * The widths of Lato's characters from the space to the tilde, in thousandths of the font size: no canvas is at hand to
 * measure a text.
 */
const WIDTHS = [
  193, 343, 397, 580, 580, 786, 703, 230, 300, 300, 400, 580, 212, 347, 212, 373, 580, 580, 580, 580, 580,
  580, 580, 580, 580, 580, 252, 252, 580, 580, 580, 398, 822, 680, 647, 685, 753, 581, 566, 734, 756, 307,
  444, 681, 514, 920, 756, 798, 611, 798, 644, 530, 590, 730, 680, 1019, 643, 629, 624, 300, 375, 300, 580,
  394, 307, 507, 559, 467, 559, 524, 337, 511, 556, 256, 254, 524, 256, 821, 556, 556, 552, 559, 403, 434,
  373, 556, 512, 766, 504, 512, 462, 300, 300, 300, 580,
];

/** What a character takes that is not in the table: half of what a wide one (CJK, emoji) takes in most fonts. */
const OTHER = 600;

/**
 * The width of a text in Lato, in pixels, without kerning, which makes it narrower by a few thousandths.
 *
 * @param size - The font size in pixels.
 */
export function textWidth(text: string, size: number): number {
  const widths = charactersOf(text).map(
    (character) => WIDTHS[character.charCodeAt(0) - 32] ?? OTHER * widthOf(character),
  );
  return (widths.reduce((sum, width) => sum + width, 0) * size) / 1000;
}

/** A text, or where it is wider than some pixels as much of it as fits, with an ellipsis. */
export function shortenedToPixels(text: string, size: number, pixels: number): string {
  if (textWidth(text, size) <= pixels) return text;
  const characters = charactersOf(text);
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, size) > pixels) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}
