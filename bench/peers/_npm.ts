/**
 * The newest version of a package that npm has, and that Deno's cache knows of.
 *
 * Packages of peers are imported by names that are not literals, without their
 * types: so none of them is in the lock file, and who checks this project does
 * not have to fetch and check Effect's 60 MB too.
 */
// deno-lint-ignore no-explicit-any -- it has no types here
export async function importNewest(name: string): Promise<any> {
  return await import(`npm:${name}@latest`);
}

/** Which version that is. */
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
