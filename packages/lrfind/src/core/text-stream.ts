/** Where text is written to: a stream of Node, such as `process.stdout`. */
export interface TextStream {
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean | undefined;
}
