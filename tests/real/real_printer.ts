import { Service } from "./service.ts";

/** A job as the printer handed it to its print command. */
export interface ReceivedJob {
  readonly bytes: Uint8Array;
  readonly copies: string;
  readonly sides: string;
  readonly media: string;
  readonly jobName: string;
}

/** `ippeveprinter` insists on a system bus; nothing on this one does anything. */
const BUS = (directory: string) =>
  `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${directory}/bus</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/><allow user="*"/></policy></busconfig>
`;

/**
 * The print command: keeps what it got under the job's id, and says how many sides came out, as a
 * driver does. While the file `hold` exists it goes on printing.
 */
const COMMAND = (directory: string) =>
  `#!/bin/sh
set -e
job="${directory}/jobs/$IPP_JOB_ID"
mkdir -p "$job"
cp "$1" "$job/document"
printf %s "$IPP_COPIES" > "$job/copies"
printf %s "$IPP_SIDES" > "$job/sides"
printf %s "$IPP_MEDIA" > "$job/media"
printf %s "$IPP_JOB_NAME" > "$job/jobName"
echo "ATTR: job-impressions=2 job-impressions-completed=2" >&2
while [ -e "${directory}/hold" ]; do sleep 0.05; done
`;

/**
 * The IPP Everywhere printer of CUPS, on loopback, with a bus of its own.
 *
 * @see ippeveprinter(1)
 */
export class RealPrinter implements AsyncDisposable {
  readonly #directory: string;
  readonly #services: readonly Service[];
  readonly #port: string;

  private constructor(directory: string, services: readonly Service[], port: string) {
    this.#directory = directory;
    this.#services = services;
    this.#port = port;
  }

  static async start(
    programs: { ippeveprinter: string; "dbus-daemon": string },
    formats: readonly string[],
  ): Promise<RealPrinter> {
    const directory = await Deno.makeTempDir({ prefix: "writ-printer-" });
    const services: Service[] = [];
    try {
      await Promise.all(["spool", "jobs"].map((name) => Deno.mkdir(`${directory}/${name}`)));
      await Deno.writeTextFile(`${directory}/bus.conf`, BUS(directory));
      await Deno.writeTextFile(`${directory}/print`, COMMAND(directory), { mode: 0o755 });
      const bus = await Service.start(programs["dbus-daemon"], {
        args: [`--config-file=${directory}/bus.conf`, "--nofork", "--nopidfile", "--print-address"],
        ready: /^(unix:\S+)$/m,
      });
      services.push(bus.service);
      const printer = await Service.start(programs.ippeveprinter, {
        // Without -p it binds the first free port and tells which.
        // deno-fmt-ignore
        args: ["-n", "localhost", "-r", "off", "-2", "-V", "2.0", "-f", formats.join(","),
          "-d", `${directory}/spool`, "-c", `${directory}/print`, "TestPrinter"],
        env: { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${directory}/bus`, TMPDIR: directory },
        ready: /Listening on port (\d+)/,
      });
      services.push(printer.service);
      return new RealPrinter(directory, services, printer.match[1]!);
    } catch (error) {
      await end(services, directory);
      throw error;
    }
  }

  /** `host:port`, as a grant names it. */
  get address(): string {
    return `localhost:${this.#port}`;
  }

  get uri(): string {
    return `ipp://${this.address}/ipp/print`;
  }

  /** Makes jobs print until {@link release}. */
  async hold(): Promise<void> {
    await Deno.writeTextFile(`${this.#directory}/hold`, "");
  }

  async release(): Promise<void> {
    await Deno.remove(`${this.#directory}/hold`);
  }

  /** All that it printed, in sequence. */
  async paper(): Promise<ReceivedJob[]> {
    const ids: number[] = [];
    for await (const { name } of Deno.readDir(`${this.#directory}/jobs`)) ids.push(Number(name));
    const jobs = await Promise.all(ids.sort((a, b) => a - b).map((id) => this.received(id)));
    return jobs.filter((job) => job !== undefined);
  }

  /** What it got as this job; undefined when there was none. */
  async received(jobId: number): Promise<ReceivedJob | undefined> {
    const job = `${this.#directory}/jobs/${jobId}`;
    try {
      return {
        bytes: await Deno.readFile(`${job}/document`),
        copies: await Deno.readTextFile(`${job}/copies`),
        sides: await Deno.readTextFile(`${job}/sides`),
        media: await Deno.readTextFile(`${job}/media`),
        jobName: await Deno.readTextFile(`${job}/jobName`),
      };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#services, this.#directory);
  }
}

/** The last started first. The directory goes with them, and with it what holds a job. */
async function end(services: readonly Service[], directory: string): Promise<void> {
  for (const service of services.toReversed()) await service[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
}
