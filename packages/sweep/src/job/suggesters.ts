import { edge, minimum, type Suggester, slide, steep, valley } from "lrfind";

/** The suggesters that a job can name. */
export const SUGGESTERS: Readonly<Record<string, Suggester>> = { edge, valley, slide, steep, minimum };
