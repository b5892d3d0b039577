import pico from "picocolors";

/** Whether standard output shows colours: where it is a terminal or CI's log, and as NO_COLOR and FORCE_COLOR say. */
export function showsColor(): boolean {
  return pico.isColorSupported;
}

/**
 * The nearest of the 240 fixed colours that terminals with 256 have: a cube of 6 × 6 × 6, and 24 greys between.
 *
 * @returns Its number, 16 to 255.
 */
export function terminalColor(red: number, green: number, blue: number): number {
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 12) {
    const grey = (red + green + blue) / 3;
    if (grey < 4) return 16;
    return grey > 246 ? 231 : 232 + Math.min(23, Math.max(0, Math.round((grey - 8) / 10)));
  }
  // The cube's steps are 0, 95, 135, 175, 215, 255.
  const [r, g, b] = [red, green, blue].map((value) =>
    value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.round((value - 55) / 40)),
  ) as [number, number, number];
  return 16 + 36 * r + 6 * g + b;
}
