import { parseCvdHeader } from "../../scripts/virus-sigs/cvd_header.ts";

/** A real freshclam with databases of its own. */
export async function freshclam(program: string) {
  const folder = await Deno.makeTempDir({ prefix: "writ-freshclam-" });
  await Deno.mkdir(`${folder}/db`);
  const read = (name: string) => {
    try {
      return Deno.readFileSync(`${folder}/db/${name}`);
    } catch {
      return undefined;
    }
  };
  return {
    /** What it said last. */
    said: "",
    /** Path of the certificate that it believes beside those of the system. */
    authority: undefined as string | undefined,

    /**
     * Updates from these mirrors, the first that serves it.
     *
     * @returns the version it has then; 0 for none
     */
    async update(...mirrors: string[]): Promise<number> {
      const config = `${folder}/freshclam.conf`;
      await Deno.writeTextFile(
        config,
        [
          ...mirrors.map((url) => `DatabaseMirror ${url}`),
          "DNSDatabaseInfo no",
          `DatabaseDirectory ${folder}/db`,
          "DatabaseOwner root",
          "ScriptedUpdates yes",
          "MaxAttempts 1",
        ].join("\n") + "\n",
      );
      const { stdout, stderr } = await new Deno.Command(program, {
        args: ["--no-dns", `--config-file=${config}`, "--update-db=test", "--stdout"],
        clearEnv: true,
        env: this.authority === undefined ? {} : { CURL_CA_BUNDLE: this.authority },
      }).output();
      const decoder = new TextDecoder();
      this.said = decoder.decode(stdout) + decoder.decode(stderr);
      const bytes = read("test.cld") ?? read("test.cvd");
      return bytes ? parseCvdHeader(bytes).version : 0;
    },

    has: (name: string) => read(name) !== undefined,

    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
