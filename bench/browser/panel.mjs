// Prints, as a JSON array, the milliseconds from the pointer's arrival on the launcher, which then is clicked, to a panel
// in which one can type and that shows its greeting; once for each run, each in a browser context without a cache, with
// the processor slowed down to a quarter.
//
// node panel.mjs <page> <chromium> <runs>

import { chromium } from "@playwright/test";

const [page_url, executablePath, runs] = process.argv.slice(2);
const SLOWER = 4;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

// Runs in the page: the clock starts with the first event on the widget and stops in the frame that shows the panel.
function watch() {
  window.usable = new Promise((resolve) => {
    let began;
    const usable = () => {
      const root = document.querySelector("omniops-widget")?.shadowRoot;
      const box = root?.querySelector(".box");
      const input = box?.querySelector("textarea");
      const spoken = box?.querySelector("[role=log]")?.textContent.trim();
      return box && !box.hidden && input && !input.disabled && input.getClientRects().length > 0 && spoken;
    };
    const look = () => (usable() ? resolve(performance.now() - began) : requestAnimationFrame(look));
    addEventListener(
      "pointerover",
      ({ target }) => {
        if (began !== undefined || target.localName !== "omniops-widget") return;
        began = performance.now();
        look();
      },
      true,
    );
  });
}

const milliseconds = [];
for (let run = 0; run < Number(runs); run++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(page_url, { waitUntil: "networkidle" });
  await page.getByRole("button", { name: /chat/i }).click();
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("no usable panel in 20 s")), 20_000)));
  milliseconds.push(await Promise.race([page.evaluate(() => window.usable), late]));
  clearTimeout(timer);
  await context.close();
}
await browser.close();
console.log(JSON.stringify(milliseconds));
