// An empty script: what `run.ts` is compared with.
