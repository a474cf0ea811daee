import { Service } from "./service.ts";
import { freePort } from "../free_port.ts";

/** Programs of CUPS that a test starts. */
export interface CupsPrograms {
  readonly cupsd: string;
  readonly lpadmin: string;
  readonly lp: string;
}

/** As Debian's, with everything in a folder of its own and a port of its own. */
const CONFIG = (directory: string, port: number) =>
  `LogLevel info
Listen 127.0.0.1:${port}
Listen ${directory}/run/cups.sock
ServerName localhost
ServerAlias *
Browsing Off
BrowseLocalProtocols none
DefaultAuthType None
WebInterface No
PreserveJobHistory Yes
PreserveJobFiles Yes
JobRetryInterval 1
JobRetryLimit 60
ErrorPolicy retry-job
DirtyCleanInterval 0
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
`;

const FILES = (directory: string) =>
  `SystemGroup root lpadmin
User lp
Group lp
FileDevice Yes
ServerRoot ${directory}/etc
ServerKeychain ${directory}/etc/ssl
StateDir ${directory}/run
CacheDir ${directory}/cache
RequestRoot ${directory}/spool
TempDir ${directory}/spool/tmp
AccessLog ${directory}/log/access_log
ErrorLog stderr
PageLog ${directory}/log/page_log
`;

/** A print server of CUPS on loopback. It wants to be root. */
export class RealCups implements AsyncDisposable {
  readonly #directory: string;
  readonly #service: Service;
  readonly #programs: CupsPrograms;
  readonly server: string;

  private constructor(directory: string, service: Service, programs: CupsPrograms, port: number) {
    this.#directory = directory;
    this.#service = service;
    this.#programs = programs;
    this.server = `127.0.0.1:${port}`;
  }

  static async start(programs: CupsPrograms): Promise<RealCups> {
    const directory = await Deno.makeTempDir({ prefix: "writ-cups-" });
    // Its user must reach what it keeps.
    await Deno.chmod(directory, 0o755);
    for (const name of ["etc/ssl", "etc/ppd", "run", "cache", "spool/tmp", "log"]) {
      await Deno.mkdir(`${directory}/${name}`, { recursive: true });
    }
    const port = freePort();
    await Deno.writeTextFile(`${directory}/cupsd.conf`, CONFIG(directory, port));
    await Deno.writeTextFile(`${directory}/cups-files.conf`, FILES(directory));
    const { service } = await Service.start(programs.cupsd, {
      args: [
        "-f",
        ...["-c", `${directory}/cupsd.conf`],
        ...["-s", `${directory}/cups-files.conf`],
      ],
      ready: /Resuming new connection processing/,
    });
    return new RealCups(directory, service, programs, port);
  }

  /** Adds a queue in front of a driverless printer, as `lpadmin -m everywhere` does. */
  async add(queue: string, uri: string): Promise<void> {
    await this.#tell(this.#programs.lpadmin, [
      ...["-h", this.server, "-p", queue, "-E", "-v", uri, "-m", "everywhere"],
    ]);
  }

  /** Prints a file with `lp`; answers its job's name. */
  async print(queue: string, file: string, options: readonly string[] = []): Promise<string> {
    const said = await this.#tell(this.#programs.lp, [
      ...["-h", this.server, "-d", queue, ...options, file],
    ]);
    return /request id is (\S+)/.exec(said)?.[1] ?? "";
  }

  /** Its log of errors, for a test that failed. */
  log(): string {
    return this.#service.output.join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.stop();
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #tell(program: string, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { HOME: this.#directory, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      signal: AbortSignal.timeout(30_000),
    }).output();
    const said = new TextDecoder().decode(stdout);
    if (code === 0) return said;
    throw new Error(`${program}: ${new TextDecoder().decode(stderr)}${this.log()}`);
  }
}
