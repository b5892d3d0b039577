export type { JournalEntry } from "./journal.js";
