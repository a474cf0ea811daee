import assert from "node:assert/strict";
import { librariesOf } from "../../runtime/sandbox/file_view.ts";
import { statusBehind } from "../../runtime/sandbox/watched_exit.ts";

Deno.test("statusBehind() names the signal behind a code above 128, and no other", () => {
  const signalOf = (code: number) => statusBehind({ success: false, code, signal: null }).signal;
  assert.equal(signalOf(137), "SIGKILL");
  assert.equal(signalOf(133), "SIGTRAP");
  for (const code of [0, 1, 9, 128, 255]) assert.equal(signalOf(code), null, `${code}`);
});

Deno.test("librariesOf() takes the paths of what ldd prints, the loader too", () => {
  const printed = `	linux-vdso.so.1 (0x00007f59a4ef8000)
	libc.so.6 => /lib/libc.so.6 (0x00007f599ee1e000)
	libx.so => not found
	/lib64/ld-linux-x86-64.so.2 (0x00007f59a4efa000)
`;
  assert.deepEqual(librariesOf(printed), ["/lib/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]);
  assert.deepEqual(librariesOf("	not a dynamic executable\n"), []);
});
