// For lrfind's own other rooms: what users of this one have no need of.

export { Journal, type JournalEvent } from "./journal.js";
