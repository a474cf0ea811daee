import assert from "node:assert/strict";
import { until, WHO } from "../hub_fixture.ts";
import { within } from "../../within.ts";
import { withoutChromium } from "../../capabilities/browser/chromium.ts";
import { PASSWORD } from "./fixture.ts";
import { Stage } from "./stage.ts";

Deno.test({
  name: "Chromium signs in by password, and is told no more than needed when it is wrong",
  ...withoutChromium,
  async fn() {
    await using stage = await Stage.open();
    const { browser } = stage;
    await stage.signIn();
    assert.equal(await browser.path(), "/");
    assert.match(await browser.text(), /Overview/);
    assert.equal(await browser.eval("document.cookie"), "");
    await browser.go(() => browser.click("form[action='/sign-out'] button"));
    assert.match(await browser.text(), /You are signed out/);
    await browser.type("[name=fleet]", "acme");
    await browser.type("[name=name]", "ada");
    await browser.type("[name=password]", "a wrong orange lamp");
    await browser.go(() => browser.click("form[action='/sign-in'] button"));
    assert.match(await browser.text(), /fleet, name or password is wrong/);
    // The browser tells of the refusal itself.
    assert.deepEqual(browser.complaints.filter((text) => !/403/.test(text)), []);
  },
});

Deno.test({
  name: "Chromium makes a passkey and signs in with it",
  ...withoutChromium,
  async fn() {
    await using stage = await Stage.open();
    const { browser } = stage;
    await browser.send("WebAuthn.enable");
    await browser.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await stage.signIn();
    await browser.open(stage.url("/settings"));
    await browser.until("!document.querySelector('form[data-passkey=make]').hidden");
    await browser.type("form[data-passkey=make] [name=name]", "this machine");
    await browser.type("form[data-passkey=make] [name=current]", PASSWORD);
    await browser.go(() => browser.click("form[data-passkey=make] button"));
    assert.match(await browser.text(), /The passkey is added/);
    assert.match(await browser.text(), /this machine/);
    await browser.go(() => browser.click("form[action='/sign-out'] button"));
    await browser.until("!document.querySelector('form[data-passkey=use]').hidden");
    await browser.type("form[data-passkey=use] [name=fleet]", "acme");
    await browser.go(() => browser.click("form[data-passkey=use] button"));
    assert.equal(await browser.path(), "/");
    assert.match(await browser.text(), /admin of acme/);
    assert.deepEqual(browser.complaints, []);
  },
});

Deno.test({
  name: "Chromium approves a machine that waits, orders, and follows the run as it goes",
  ...withoutChromium,
  async fn() {
    await using stage = await Stage.open();
    const { browser, hub } = stage;
    const { content, scripts, agents } = hub.services;
    const published = hub.fleet.publish("1.0.0");
    await content.put("acme", published.digest, ReadableStream.from([published.module]));
    await scripts.publish("acme", "system", published.envelope);
    await using machine = await hub.machine({ approved: false });
    await machine.enrol();
    await machine.start();
    await stage.signIn();

    const path = `/agents/${encodeURIComponent(machine.id)}`;
    await browser.open(stage.url("/agents?standing=pending"));
    await browser.go(() => browser.click("tbody a"));
    assert.equal(await browser.path(), path);
    await browser.type(`form[action='${path}/approve'] [name=labels]`, "office");
    await browser.go(() => browser.click(`form[action='${path}/approve'] button`));
    assert.match(await browser.text(), /The agent is approved/);
    // Without another look by hand.
    await browser.until(
      "document.querySelector('[data-part=agent] .badge').innerText === 'online'",
    );

    const held = Promise.withResolvers<void>();
    machine.runner.answer = async ({ input: result }) => {
      await held.promise;
      return { outcome: "ok", result };
    };
    await browser.open(stage.url(`/scripts/${hub.fleet.script}/order?version=1.0.0`));
    await browser.type("textarea[name=input]", '{"copies":2}');
    await browser.type("input[name=labels]", "office");
    await browser.go(() => browser.click("form[aria-label=Order] > button"));
    assert.match(await browser.text(), /The order is taken/);
    await browser.go(() => browser.click("[data-part=deliveries] td a[href*='/orders/']"));
    await browser.until("document.querySelector('[data-part=run] .badge').innerText === 'running'");
    held.resolve();
    await browser.until("document.querySelector('[data-part=run] .badge').innerText === 'ok'");
    await browser.until("/ended: ok/.test(document.querySelector('[data-part=log]').innerText)");
    assert.match(await browser.text(), /"copies": 2/);
    await until(hub, async () => (await agents.get("acme", machine.id)).labels[0] === "office");

    // What changes after a page was drawn and before its stream is open is told to nobody.
    const asked = await browser.hold("*/live?*");
    await browser.open(stage.url("/audit"));
    const stream = await asked();
    const told = Promise.withResolvers<void>();
    using _listening = hub.services.events.on("acme", ({ type }) => {
      if (type === "audit") told.resolve();
    });
    await agents.setLabels("acme", WHO, machine.id, ["told-to-nobody"]);
    await within(told.promise, "the row");
    const isShown = "/told-to-nobody/.test(document.querySelector('[data-part=audit]').innerText)";
    assert.equal(await browser.eval(isShown), false);
    await stream.letGo();
    await browser.until(isShown);
    assert.deepEqual(browser.complaints, []);
  },
});

const PAGES = [
  ["/", "Overview"],
  ["/agents", "Agents"],
  ["/enrol", "Enrol machines"],
  ["/scripts", "Scripts"],
  ["/orders", "Orders"],
  ["/rollouts", "Rollouts"],
  ["/releases", "Releases"],
  ["/accept-list", "Accept-list"],
  ["/audit", "Audit log"],
  ["/users", "Users"],
  ["/tokens", "API tokens"],
  ["/webhooks", "Webhooks"],
  ["/settings", "Settings"],
] as const;

Deno.test({
  name: "every page fits a phone, names what it has, and breaks no rule of its policy",
  ...withoutChromium,
  async fn(t) {
    await using stage = await Stage.open();
    const { browser, hub } = stage;
    await using machine = await hub.machine({
      labels: ["a-label-that-is-rather-long-for-a-phone"],
    });
    await machine.enrol();
    await stage.signIn();
    await browser.look(360, 740);
    const agent = [`/agents/${encodeURIComponent(machine.id)}`, "machine"] as const;
    for (const [path, title] of [...PAGES, agent]) {
      await t.step(path.slice(0, 20), async () => {
        await browser.open(stage.url(path));
        assert.equal(await browser.eval("document.querySelector('h1').innerText"), title);
        const width = await browser.eval<number>("document.documentElement.scrollWidth");
        assert.ok(width <= 360, `${width}`);
        const names = await browser.names();
        const unnamed = names.filter(({ role, name }) =>
          /^(button|link|textbox|searchbox|combobox|checkbox|radio|image|figure|table|form|spinbutton|DateTime)$/
            .test(role) && name === "" && role !== "figure"
        );
        assert.deepEqual(unnamed, []);
        for (const role of ["main", "navigation", "heading"]) {
          assert.ok(names.some((node) => node.role === role), role);
        }
      });
    }
    assert.deepEqual(browser.complaints, []);
  },
});

Deno.test({
  name: "every page can be read without script, and by keyboard alone",
  ...withoutChromium,
  async fn() {
    await using stage = await Stage.open();
    const { browser } = stage;
    const { users } = stage.console.users;
    const { invitation } = await users.invite("acme", "system", { name: "ada", role: "admin" });
    await users.accept("acme", invitation, PASSWORD);
    await browser.send("Emulation.setScriptExecutionDisabled", { value: true });
    await browser.open(stage.url("/sign-in?fleet=acme"));
    const key = async (name: string) => {
      const code = { Tab: 9, Enter: 13 }[name];
      const text = name === "Enter" ? { text: "\r" } : {};
      const pressed = { key: name, windowsVirtualKeyCode: code!, ...text };
      await browser.send("Input.dispatchKeyEvent", { type: "keyDown", ...pressed });
      await browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...pressed });
    };
    // The way past the places, the fleet, the name.
    for (let i = 0; i < 3; i++) await key("Tab");
    await browser.send("Input.insertText", { text: "ada" });
    await key("Tab");
    await browser.send("Input.insertText", { text: PASSWORD });
    await browser.go(() => key("Enter"));
    const { root } = await browser.send("DOM.getDocument", { depth: -1 });
    const { outerHTML } = await browser.send("DOM.getOuterHTML", { nodeId: root.nodeId });
    assert.match(outerHTML, /<h1>Overview<\/h1>/);
    assert.match(outerHTML, /admin of acme/);
  },
});
