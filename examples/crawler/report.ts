import type { Site } from "./site.ts";

/** The results of a crawl. */
export class Report {
  pages = 0;
  bytes = 0;
  requests = 0;
  /** The paths of the pages that failed, by kind of failure. */
  readonly failures = new Map<string, string[]>();
  /** How long each request took, in seconds. */
  readonly latencies: number[] = [];
  /** How long the crawl took, in seconds. */
  elapsed = 0;
  interrupted = false;
  /** The demonstration site, if that was crawled. */
  site: Site | null = null;

  fail(kind: string, url: URL): void {
    const urls = this.failures.get(kind) ?? [];
    urls.push(url.pathname);
    this.failures.set(kind, urls);
  }

  get failed(): number {
    return [...this.failures.values()].flat().length;
  }

  /** The latency that `share` of the requests did not exceed, in seconds. */
  percentile(share: number): number {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  }

  /** How long the requests would have taken one by one, in seconds. */
  get sequential(): number {
    return this.latencies.reduce((sum, seconds) => sum + seconds, 0);
  }

  get requestsPerSecond(): number {
    return this.elapsed === 0 ? 0 : this.requests / this.elapsed;
  }

  toJSON(): Record<string, unknown> {
    return {
      pages: this.pages,
      bytes: this.bytes,
      requests: this.requests,
      failures: Object.fromEntries(this.failures),
      requestsPerSecond: this.requestsPerSecond,
      latency: { p50: this.percentile(0.5), p95: this.percentile(0.95) },
      elapsed: this.elapsed,
      sequential: this.sequential,
      interrupted: this.interrupted,
      site: this.site && {
        requests: this.site.requests,
        peak: this.site.peak,
        open: this.site.open,
      },
    };
  }

  toString(): string {
    const ms = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`;
    const lines = [
      this.interrupted ? "Interrupted. So far:" : "Done.",
      `  pages      ${this.pages}, ${(this.bytes / 1024).toFixed(0)} KiB`,
      `  requests   ${this.requests} in ${this.elapsed.toFixed(2)} s, ${
        this.requestsPerSecond.toFixed(1)
      } a second`,
      `  latency    p50 ${ms(this.percentile(0.5))}, p95 ${
        ms(this.percentile(0.95))
      }`,
      `  one after another it would have taken ${this.sequential.toFixed(2)} s`,
      `  failures   ${this.failed}`,
    ];
    for (const [kind, urls] of this.failures) {
      lines.push(`    ${kind.padEnd(15)} ${urls.join(", ")}`);
    }
    return lines.join("\n");
  }
}
