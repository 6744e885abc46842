// The types of `jsr:@std/testing@1/time`, which its build on npm comes without.

export interface FakeTimeOptions {
  advanceRate: number;
  advanceFrequency?: number;
}

export interface DelayOptions {
  signal?: AbortSignal;
}

export class TimeError extends Error {
  constructor(message: string);
}

export class FakeTime {
  static restore(): void;
  static restoreFor<T>(
    // deno-lint-ignore no-explicit-any
    callback: (...args: any[]) => Promise<T> | T,
    // deno-lint-ignore no-explicit-any
    ...args: any[]
  ): Promise<T>;

  constructor(
    start?: number | string | Date | null,
    options?: FakeTimeOptions,
  );

  /** In milliseconds since 1970. */
  get now(): number;
  set now(value: number);

  /** In milliseconds since 1970. */
  get start(): number;

  delay(ms: number, options?: DelayOptions): Promise<void>;
  runMicrotasks(): Promise<void>;
  tick(ms?: number): void;
  tickAsync(ms?: number): Promise<void>;
  next(): boolean;
  nextAsync(): Promise<boolean>;
  runAll(): void;
  runAllAsync(): Promise<void>;
  restore(): void;
  [Symbol.dispose](): void;
}
