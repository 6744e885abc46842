// Copyright 2026 the asyncio authors. MIT license.

/** Uses every feature and prints the outcomes, on hosts with a console. */

import { useAll } from "./features.js";

console.log(JSON.stringify(await useAll(true)));
