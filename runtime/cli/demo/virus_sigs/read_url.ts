// Says what an agent answers to a program on its machine: URL, and the file that vouches for it.
const [url, authority] = Deno.args as [string, string];
const client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority)] });
const response = await fetch(url, { client });
if (!response.ok) throw new Error(`${url} answered ${response.status}`);
await response.body!.pipeTo(Deno.stdout.writable);
