import { plainText } from "lrfind/core";
import { EventQueue } from "./event-queue.js";
import type { LaunchEvent } from "./launcher.js";

/** What a launcher tells whose jobs run elsewhere. */
export class LaunchEvents extends EventQueue<LaunchEvent> {
  #why: string | undefined;
  #isMuted = false;

  /** Lets whatever happens from now on be lost: the launcher is ending. */
  mute(): void {
    this.#isMuted = true;
  }

  override push(event: LaunchEvent): void {
    this.#why = undefined;
    if (!this.#isMuted) super.push(event);
  }

  /** Says why nothing goes on; once, until something does. */
  wait(why: string): void {
    if (this.#isMuted || why === this.#why) return;
    this.push({ kind: "waiting", why: plainText(why) });
    this.#why = why;
  }
}
