/**
 * Imports the newest version of an npm package that Deno's cache knows of.
 *
 * The names of the peers' packages are not literals here, and their types are
 * not imported. So none of them is in the lock file, and checking this project
 * does not fetch and check the 60 MB of Effect.
 */
// deno-lint-ignore no-explicit-any -- it has no types here
export async function importNewest(name: string): Promise<any> {
  return await import(`npm:${name}@latest`);
}

/** The number of that version. */
export async function newestVersion(name: string): Promise<string> {
  const specifier = `npm:${name}@latest`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-lock", "--json", specifier],
  }).output();
  const { redirects } = JSON.parse(new TextDecoder().decode(stdout)) as {
    redirects: Record<string, string>;
  };
  return redirects[specifier].split("@").pop()!;
}
