export { defineConfig, type LrfindConfig } from "./config.js";
