import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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

test.describe("in a frame, on a page of another origin", () => {
  test.use({ expectedNoise: /WebAssembly|wasm/i });

  test("a conversation that is under way is connected to on the next page", async ({ page, baseURL }) => {
    const domain = new URL(baseURL!).host;
    const policy = `default-src 'none'; script-src ${baseURL}; frame-src ${baseURL}; img-src data:`;
    const html = `<!doctype html><html lang="en"><title>Another shop</title><link rel="icon" href="data:,">
      <main><h1>Another shop</h1></main><script async src="${baseURL}/embed.js?domain=${domain}"></script></html>`;
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy }).end(html);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const frame = page.frameLocator("omniops-widget iframe");
      await page.goto(`${shop}/first`);
      await page.getByRole("button", { name: /chat/i }).click();
      const input = frame.getByRole("textbox", { name: /message/i });
      await input.fill("Can I pay in instalments?");
      await input.press("Enter");
      await expect(frame.getByRole("log")).toContainText("We do not offer", { timeout: 20_000 });
      await expect.poll(() => page.evaluate(() => Object.values(localStorage))).toEqual(['{"live":true}']);

      const connects = page.waitForResponse((response) => response.url().includes("/api/widget/events"));
      await page.goto(`${shop}/second`);
      await connects;
      await page.getByRole("button", { name: /chat/i }).click();
      await expect(frame.getByRole("log")).toContainText("Can I pay in instalments?");
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

test("the times of messages read as people write them", async ({ page }) => {
  await page.goto("/demo/returns.html");
  await openWidget(page);
  await ask(page, "How long do I have to return something?");
  await expect(transcript(page).locator("time").last()).toHaveText(/^[1-9]\d?:\d\d [AP]M$/, { timeout: 20_000 });
});
