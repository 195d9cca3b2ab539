import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { addDomain } from "../support/people";
import { ask, expect, live, messageInput, openWidget, signIn, test, transcript } from "../support/test";

test("commands given before the script has loaded are carried out, and events are told", async ({ page }) => {
  await page.addInitScript(() => {
    const w = window as any;
    w.heard = [];
    w.OmniOps = w.OmniOps || function () { (w.OmniOps.q = w.OmniOps.q || []).push(arguments); };
    for (const name of ["open", "close", "ready"]) w.OmniOps("on", name, () => w.heard.push(name));
    w.OmniOps("open");
  });
  await page.goto("/demo/index.html");
  await expect(messageInput(page)).toBeVisible();
  await page.evaluate(() => (window as any).OmniOps("close"));
  await expect(messageInput(page)).toBeHidden();
  await page.evaluate(() => (window as any).OmniOps("toggle"));
  await expect(messageInput(page)).toBeVisible();
  await expect.poll(() => page.evaluate(() => (window as any).heard.sort())).toEqual(["close", "open", "open", "ready"]);
});

test("a panel that is opened again shows what the tenant changed meanwhile", async ({ page, agentPage }) => {
  await signIn(agentPage);
  await live(agentPage);
  const domain = new URL(page.url() === "about:blank" ? (await agentPage.evaluate(() => location.href)) : page.url()).host;
  const change = (settings: object) =>
    agentPage.evaluate(
      async ([domain, settings]) => {
        const { version, settings: before } = await (await fetch(`/api/dashboard/config?domain=${domain}`)).json();
        const answer = await fetch("/api/dashboard/config", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ domain, version, settings: { ...before, ...(settings as object) } }),
        });
        if (!answer.ok) throw new Error(await answer.text());
        return before;
      },
      [domain, settings] as const,
    );

  await page.goto("/demo/index.html");
  await openWidget(page);
  await page.keyboard.press("Escape");
  const before = await change({ greeting: "Back from lunch!", accent: "#7a1f5c", color_scheme: "light" });
  try {
    await openWidget(page);
    await expect(page.getByText("Back from lunch!")).toBeVisible();
    const accent = page.getByRole("dialog").evaluate((panel) => getComputedStyle(panel).getPropertyValue("--accent-light"));
    expect(await accent).toBe("#7a1f5c");
  } finally {
    await change({ greeting: null, color_scheme: null, accent: null, ...(before as object) });
  }
});

/** Serves pages of another origin with the widget of `domain`, or of their own host, under the policy given. */
async function openShop(baseURL: string, { domain, policy }: { domain?: string; policy?: string } = {}) {
  const headers = { "content-type": "text/html", ...(policy && { "content-security-policy": policy }) };
  const server = createServer((_, response) => {
    response.writeHead(200, headers)
      .end(`<!doctype html><html lang="en"><title>Another shop</title><link rel="icon" href="data:,">
        <main><h1>Another shop</h1></main><script async src="${baseURL}/embed.js?domain=${domain ?? host}"></script></html>`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host, close };
}

test("on a page of another origin, the panel opens in the page and answers there", async ({ page, baseURL }) => {
  const shop = await openShop(baseURL!);
  try {
    addDomain(shop.host);
    await page.goto(`http://${shop.host}/`);
    await openWidget(page);
    await ask(page, "How long do I have to return something?");
    // Nothing was read for this domain: that the AI says so is an answer too.
    await expect(transcript(page).getByRole("article").last()).toContainText("Assistant", { timeout: 20_000 });
    await expect(page.locator("omniops-widget iframe")).toHaveCount(0);
  } finally {
    shop.close();
  }
});

test.describe("in a frame, on a page of another origin", () => {
  test.use({ expectedNoise: /WebAssembly|wasm|frame-ancestors|ERR_BLOCKED_BY_RESPONSE/i });

  /** A policy which leaves the widget only the iframe. */
  const onlyFrames = (baseURL: string) =>
    `default-src 'none'; script-src ${baseURL}; frame-src ${baseURL}; img-src data:`;

  test("a conversation that is under way is connected to on the next page", async ({ page, baseURL }) => {
    const shop = await openShop(baseURL!, { policy: onlyFrames(baseURL!) });
    try {
      addDomain(shop.host);
      const frame = page.frameLocator("omniops-widget iframe");
      await page.goto(`http://${shop.host}/first`);
      await page.getByRole("button", { name: /chat/i }).click();
      const input = frame.getByRole("textbox", { name: /message/i });
      await input.fill("Can I pay in instalments?");
      await input.press("Enter");
      await expect(frame.getByRole("log")).toContainText("Can I pay in instalments?");
      await expect.poll(() => page.evaluate(() => Object.values(localStorage))).toEqual(['{"live":true}']);

      const connects = page.waitForResponse((response) => response.url().includes("/api/widget/events"));
      await page.goto(`http://${shop.host}/second`);
      await connects;
      await page.getByRole("button", { name: /chat/i }).click();
      await expect(frame.getByRole("log")).toContainText("Can I pay in instalments?");
    } finally {
      shop.close();
    }
  });

  test("a page that the tenant did not allow gets no panel", async ({ page, baseURL }) => {
    const shop = await openShop(baseURL!, { domain: new URL(baseURL!).host, policy: onlyFrames(baseURL!) });
    try {
      await page.goto(`http://${shop.host}/`);
      await page.getByRole("button", { name: /chat/i }).click();
      await expect.poll(() => page.frames().map((frame) => frame.url())).toContain("chrome-error://chromewebdata/");
    } finally {
      shop.close();
    }
  });
});

test.describe("where the network fails", () => {
  test.use({ expectedNoise: /ERR_FAILED/ });
  const panel = /\/widget\/panel[^/]*\.js/;

  test("the panel is asked for again, in the page", async ({ page }) => {
    await page.route(panel, (route) => route.abort(), { times: 1 });
    await page.goto("/demo/index.html");
    await openWidget(page);
    await expect(page.locator("omniops-widget iframe")).toHaveCount(0);
  });

  test("the launcher says that the chat cannot be reached, and tries again when pressed", async ({ page }) => {
    await page.route(panel, (route) => route.abort());
    await page.goto("/demo/index.html");
    await page.getByRole("button", { name: "Open chat" }).click();
    const again = page.getByRole("button", { name: "Chat cannot be reached, try again" });
    await expect(again).toBeVisible();
    await page.unroute(panel);
    await again.click();
    await expect(messageInput(page)).toBeVisible();
  });
});

test("the times of messages read as people write them", async ({ page }) => {
  await page.goto("/demo/returns.html");
  await openWidget(page);
  await ask(page, "How long do I have to return something?");
  await expect(transcript(page).locator("time").last()).toHaveText(/^[1-9]\d?:\d\d [AP]M$/, { timeout: 20_000 });
});
