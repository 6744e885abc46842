// Copyright 2026 the asyncio authors. MIT license.

import { printWarning } from "../_host/printing.ts";
import { valueText } from "../_util/repr.ts";
import type { OwnInstrument } from "./instruments.ts";

/** How long a callback may take at first, in seconds. */
const SLOW_CALLBACK_DURATION = 0.1;

/** In debug mode, reports callbacks and steps of tasks that take long. */
export class SlowSteps implements OwnInstrument {
  /** From how many seconds on. */
  duration = SLOW_CALLBACK_DURATION;

  $afterEntry(entry: object, seconds: number): void {
    if (seconds < this.duration) return;
    printWarning(
      `Executing ${valueText(entry)} took ${seconds.toFixed(3)} seconds`,
    );
  }
}
