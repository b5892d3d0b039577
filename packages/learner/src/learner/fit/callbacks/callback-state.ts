/** What a callback remembers, by the callback's name. */
export interface CallbackState {
  readonly name: string;
  readonly state: unknown;
}
