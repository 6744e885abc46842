// Copyright 2026 the asyncio authors. MIT license.

/** Uses every feature in `workerd test`, and prints the outcomes. */

import { useAll } from "./features.js";

export default {
  async test() {
    console.log(`OUTCOMES ${JSON.stringify(await useAll(false))}`);
  },
};
