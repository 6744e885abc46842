import { testInOwnProcess } from "./_own_process.ts";

testInOwnProcess(
  "Unix sockets",
  new URL("unix_sockets.ts", import.meta.url),
  { ignore: Deno.build.os === "windows" },
);
