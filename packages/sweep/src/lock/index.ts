export { checkLock, lockOf, parseLock, readLock, type SweepLock, saveLock } from "./lock.js";
