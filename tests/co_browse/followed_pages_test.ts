import assert from "node:assert/strict";
import { FollowedPages } from "../../scripts/co-browse/guest/followed_pages.ts";
import type { Station } from "../../scripts/co-browse/browser/station.ts";
import type { TabList } from "../../scripts/co-browse/browser/tabs.ts";
import type { Input } from "../../scripts/co-browse/wire/input.ts";
import { until } from "../until.ts";

const URL = "https://shop.example/";

/** A browser that follows, and closes its pages only when a test lets it. */
class FollowingBrowser {
  pages: TabList = { active: 1, tabs: [{ tab: 1, url: URL }] };
  readonly mayOpenPages = false;
  readonly asked: Input[] = [];
  refuses = false;
  readonly opened: string[] = [];
  readonly followed: FollowedPages;
  readonly browser = {
    open: (url: string) => {
      const tab = Math.max(...this.pages.tabs.map((page) => page.tab)) + 1;
      this.opened.push(url);
      this.#show([...this.pages.tabs, { tab, url }]);
      return Promise.resolve({ tab });
    },
  };

  constructor() {
    this.followed = new FollowedPages(this as unknown as Station);
  }

  apply(input: Input): Promise<object> {
    this.asked.push(input);
    return Promise.resolve(this.refuses ? { why: "last" } : {});
  }

  /** The person here opens a page by themselves. */
  opens(): number {
    const tab = this.pages.tabs.length + 1;
    this.#show([...this.pages.tabs, { tab, url: `${URL}own` }]);
    return tab;
  }

  closes(tab: number) {
    return this.#show(this.pages.tabs.filter((page) => page.tab !== tab));
  }

  #show(tabs: TabList["tabs"]) {
    this.pages = { active: 1, tabs };
    return this.followed.changed();
  }
}

Deno.test("a page that is about to be closed here becomes no page of the shared browser", async () => {
  const here = new FollowingBrowser();
  const { followed } = here;
  await followed.follow({ active: 1, tabs: [{ tab: 1, url: URL }] });
  const own = here.opens();
  await until(() => here.asked.some(({ type }) => type === "tab"));
  assert.deepEqual(here.asked, [{ type: "tab", tab: own, action: "close" }]);
  // It is still there when the shared browser opens one.
  await followed.open(2, `${URL}two`);
  assert.deepEqual(here.opened, [`${URL}two`]);
  here.closes(own);
  assert.equal(followed.toHere({ type: "tab", tab: 2, action: "close" })?.tab, own + 1);
  followed.end();
});

Deno.test("a page that somebody closes while others are opened is no longer followed", async () => {
  const here = new FollowingBrowser();
  const { followed } = here;
  await followed.follow({ active: 1, tabs: [{ tab: 1, url: URL }] });
  await followed.open(2, `${URL}two`);
  const opening = followed.open(3, `${URL}three`);
  assert.equal(here.closes(2), undefined);
  await opening;
  assert.equal(followed.toHere({ type: "tab", tab: 2, action: "active" }), undefined);
  await followed.follow({ active: 1, tabs: [1, 2, 3].map((tab) => ({ tab, url: URL + tab })) });
  assert.deepEqual(here.opened.map((url) => url.slice(URL.length)), ["two", "three", "2"]);
  followed.end();
});

Deno.test("the first page stays, however long the shared browser says nothing", async () => {
  const here = new FollowingBrowser();
  const { followed } = here;
  followed.changed();
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  assert.deepEqual(here.asked, []);
  await followed.follow({ active: 1, tabs: [{ tab: 1, url: URL }] });
  assert.equal(followed.toHere({ type: "tab", tab: 1, action: "active" })?.tab, 1);
  assert.deepEqual(here.opened, []);
  followed.end();
});

Deno.test("a page that cannot be closed here may be one of the shared browser's again", async () => {
  const here = new FollowingBrowser();
  here.refuses = true;
  const { followed } = here;
  await followed.follow({ active: 1, tabs: [{ tab: 1, url: URL }] });
  const own = here.opens();
  await until(() => here.asked.length > 0);
  await followed.open(2, `${URL}two`);
  assert.equal(followed.toHere({ type: "tab", tab: 2, action: "active" })?.tab, own);
  followed.end();
});
