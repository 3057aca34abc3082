import type { Init } from "./module.js";

export { GCounter, OrSet } from "./quorate.js";
export { QuorateError } from "./error.js";
export type { QuorateErrorCode } from "./error.js";
export type { ModuleSource } from "./module.js";
export type * from "./types.js";

export declare const init: Init;
