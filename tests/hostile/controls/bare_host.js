// A host as one would naively write it: `deno run -A`, and the script in a Worker without a single
// permission ("worker"), or right here ("main"). Speaks lines of JSON on stdout. Reads one job.
const { realm, script, accomplice, input, terminateAfterMs, holdPort, tag } = JSON.parse(
  await new Response(Deno.stdin.readable).text(),
);
const say = (message) => Deno.stdout.writeSync(new TextEncoder().encode(message + "\n"));
const dataUrl = (source) => "data:text/javascript," + encodeURIComponent(source);

// Something of the host's own that is open, as any host has.
globalThis.held = holdPort && await Deno.connect({ hostname: "127.0.0.1", port: holdPort });

const boot = (source) =>
  `import script from ${JSON.stringify(dataUrl(source))};
const ctx = {
  emit: (name, data) => self.postMessage({ event: { type: "event", name, data } }),
  log: console,
};
try {
  const result = await script.run(${JSON.stringify(input)}, ctx);
  self.postMessage({ answer: JSON.stringify({ result }) });
} catch (error) {
  self.postMessage({ answer: JSON.stringify({ failure: String(error) }) });
}`;

// As many do it: options of a stranger laid over one's own.
function merge(target, source) {
  for (const [key, value] of Object.entries(source ?? {})) {
    if (Object(value) === value && Object(target[key]) === target[key]) merge(target[key], value);
    else target[key] = value;
  }
  return target;
}

function start(source) {
  return new Promise((resolve) => {
    const worker = new Worker(dataUrl(boot(source)), {
      type: "module",
      deno: { permissions: "none" },
    });
    worker.onmessage = ({ data }) => {
      if (data.event) return say(JSON.stringify({ event: data.event }));
      const answer = JSON.parse(data.answer);
      merge({}, answer.result);
      say(JSON.stringify({ ...answer, polluted: "polluted" in {} }));
      resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      say(JSON.stringify({ failure: event.message }));
    };
    if (terminateAfterMs) {
      setTimeout(() => {
        worker.terminate();
        say(JSON.stringify({ terminated: true }));
      }, terminateAfterMs);
    }
  });
}

// A frame put together under a secret tag as the harness does it, but in one realm with the script.
function runHere(module) {
  const secretTag = new TextEncoder().encode(tag);
  const frame = new Uint8Array(secretTag.length + 5);
  const host = { tag, module };
  // Sloppy, as every CommonJS host is: its `this` can be seen from the stack.
  const call = new Function("input", "ctx", "return this.module.default.run(input, ctx)");
  const answer = call.call(host, input, { emit() {}, log: console });
  frame.set(secretTag);
  return answer;
}

if (realm === "main") {
  try {
    if (accomplice) await runHere(await import(dataUrl(accomplice.javascript)));
    const result = await runHere(await import(dataUrl(script)));
    say(JSON.stringify({ result }));
  } catch (error) {
    say(JSON.stringify({ failure: String(error) }));
  }
} else {
  if (accomplice?.when === "before") await start(accomplice.javascript);
  else if (accomplice) start(accomplice.javascript);
  start(script);
}
setInterval(() => {}, 60_000); // stays, so that the system can be asked about it
