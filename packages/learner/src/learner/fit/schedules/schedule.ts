/**
 * A hyper-parameter over a fit: its value at a position from 0 (the first step) to 1 (the end, which the last
 * step does not quite reach: step i of n is at i / n).
 */
export type Schedule = (position: number) => number;
