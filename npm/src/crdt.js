// Sets and counters: the generated classes, behind the guards that generated code does not have.

import load, * as generated from "./quorate.js";
import { refuseFreed } from "./freed.js";
import { Module } from "./module.js";

export const module = new Module(load);

export class OrSet extends generated.OrSet {
  constructor(options) {
    module.require("new OrSet");
    super(options);
  }

  static decode(bytes) {
    module.require("OrSet.decode");
    return Object.setPrototypeOf(super.decode(bytes), OrSet.prototype);
  }
}

export class GCounter extends generated.GCounter {
  constructor(options) {
    module.require("new GCounter");
    super(options);
  }

  static decode(bytes) {
    module.require("GCounter.decode");
    return Object.setPrototypeOf(super.decode(bytes), GCounter.prototype);
  }
}

refuseFreed(generated.OrSet);
refuseFreed(generated.GCounter);
