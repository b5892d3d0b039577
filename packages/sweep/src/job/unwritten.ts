/** The exit code of a job that could not write its result: that of `sysexits.h` for what may succeed another time. */
export const UNWRITTEN = 75;
