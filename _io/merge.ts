// Copyright 2026 the asyncio authors. MIT license.

/**
 * Programs whose standard error is their standard output. No host can start one,
 * but a shell can, which then becomes the program.
 */

import { type ChildSpec, shellPath } from "./child.ts";

/**
 * The old standard error tells whether the program was started: it ends then,
 * and before that gets a letter if there is none, or it is not executable.
 *
 * - Builtins and keywords of the shell are no programs, so it does not look for
 *   the program by `command -v`.
 * - The redirection of a group leaves the old standard error open, as one that
 *   `exec` closes. If `exec` fails, bash goes on after the group, and others end.
 *   All of them restore the standard error first.
 */
const START = `shopt -s execfail 2>/dev/null
trap 'if [ $? = 126 ]; then echo P; else echo N; fi >&2' EXIT
case $0 in
*/*)
  _asyncio_p=$0
  [ -e "$0" ] || exit 127
  [ -x "$0" ] && ! [ -d "$0" ] || exit 126;;
*)
  set -f
  IFS=:
  for _asyncio_p in $PATH; do
    _asyncio_p=\${_asyncio_p:-.}/$0
    [ -x "$_asyncio_p" ] && ! [ -d "$_asyncio_p" ] && break
    _asyncio_p=
  done
  [ "$_asyncio_p" ] || exit 127;;
esac
`;
const EXEC = `{ exec "$_asyncio_p" "$@"; } 2>&1
exit`;

/** The program is one of the arguments of `env`, after the variables. */
const EXEC_BY_ENV = `{ exec /usr/bin/env -- "$@"; } 2>&1
exit`;

/** What shells add to an environment. */
const FORGET = `unset PWD OLDPWD SHLVL
`;

/** Variables that come through a shell as they are. */
const IDENTIFIER = /^[A-Za-z_]\w*$/;
/** Not those: a shell gives them values of its own. */
const OWN_VARIABLE =
  /^(_|IFS|LINENO|OPT(ARG|ERR|IND)|(OLD)?PWD|PPID|PS\d|RANDOM|SECONDS|SHELLOPTS|SHLVL|E?UID|BASH.*)$/;

/** How to start a program by way of the shell. */
export function merged(spec: ChildSpec): ChildSpec {
  const { program, args, env } = spec;
  let script = START + EXEC;
  let shellEnv = env;
  let shellArgs = args;
  if (env !== undefined) {
    script = FORGET + script;
    const isPlain = ([name]: [string, string]) =>
      IDENTIFIER.test(name) && !OWN_VARIABLE.test(name);
    const variables = Object.entries(env);
    const others = variables.filter((each) => !isPlain(each));
    // `env` would take such a program for another variable.
    if (others.length > 0 && !program.includes("=")) {
      script = FORGET + START + EXEC_BY_ENV;
      shellEnv = Object.fromEntries(variables.filter(isPlain));
      // Others may see them for a moment, so all that can go the other way.
      const assignments = others.map(([name, value]) => `${name}=${value}`);
      shellArgs = [...assignments, program, ...args];
    }
  }
  return {
    ...spec,
    program: shellPath(),
    args: ["-c", script, program, ...shellArgs],
    env: shellEnv,
    stderr: "piped",
  };
}

const START_ERRORS = {
  N: ["NotFound", "ENOENT", "entity not found"],
  P: ["PermissionDenied", "EACCES", "Permission denied"],
} as const;

/**
 * The error of the host for a program that was not started, as the letter tells;
 * `null` if it was.
 */
export function mergeError(letter: string, program: string): Error | null {
  if (letter !== "N" && letter !== "P") return null;
  const [name, code, reason] = START_ERRORS[letter];
  const message = `Failed to spawn '${program}': ${reason}`;
  return typeof Deno !== "undefined"
    ? new Deno.errors[name](message)
    : Object.assign(new Error(message), { name, code });
}

/** Refuses to start a program, by way of the shell, that may not be started. */
export function requirePermission(program: string): void {
  if (typeof Deno === "undefined") return;
  const { state } = Deno.permissions.querySync({
    name: "run",
    command: program,
  });
  if (state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Requires run access to "${program}", run again with the --allow-run flag`,
  );
}
