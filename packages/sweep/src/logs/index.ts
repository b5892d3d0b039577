export { type SweepLogsOptions, saveSweepLogs, sweepToCsv } from "./sweep-logs.js";
