import type { Page } from "@playwright/test";

import { addDomain, createUser } from "../support/people";
import { expect, expectAccessible, live, signIn, test } from "../support/test";

const PATH = "/dashboard/telemetry";

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1440]) {
    test.describe(`in ${colorScheme} mode at ${width} pixels`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });

      test("the demo's month is shown, axe finds nothing, and nothing scrolls sideways", async ({ page }) => {
        await signIn(page);
        await page.goto(`${PATH}?period=30d`);
        await live(page);
        await expect(page.getByRole("heading", { level: 1, name: "Telemetry" })).toBeVisible();
        await expect(page.getByRole("heading", { name: "Over time" })).toBeVisible();
        await expectAccessible(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      });
    });
  }
}

test("a figure leads to exactly its rows, and the rows to their conversation", async ({ page }) => {
  await signIn(page);
  await page.getByRole("link", { name: "Telemetry" }).first().click();
  await page.goto(`${PATH}?period=30d`);
  await live(page);
  const tile = page.locator("dl > div").filter({ has: page.getByText("Turns", { exact: true }) });
  const turns = Number(await tile.getByRole("link").innerText());
  expect(turns).toBeGreaterThan(0);
  await tile.getByRole("link").click();
  await page.waitForURL("**/telemetry/turns?**");
  await expect(page.getByRole("heading", { level: 1, name: "Turns" })).toBeVisible();
  let rows = 0;
  for (;;) {
    await expect(page.locator("tbody tr").first()).toBeVisible();
    rows += await page.locator("tbody tr").count();
    const next = page.getByRole("link", { name: "Next page" });
    if (!(await next.isVisible())) break;
    const before = page.url();
    await next.click();
    await page.waitForURL((url) => url.href !== before);
    await expect(page.getByRole("link", { name: "First page" })).toBeVisible();
  }
  expect(rows).toBe(turns);
  await expectAccessible(page);
  await page.locator("tbody tr").first().getByRole("link").click();
  await page.waitForURL("**/dashboard/conversations/**");
});

test("the file of the rows holds what the tile counts", async ({ page }) => {
  await signIn(page);
  await page.goto(`${PATH}?period=30d`);
  await live(page);
  const tile = page.locator("dl > div").filter({ has: page.getByText("Turns", { exact: true }) });
  const turns = Number(await tile.getByRole("link").innerText());
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Turns CSV" }).click();
  const stream = await (await download).createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  expect(text.trimEnd().split("\n").length - 1).toBe(turns);
});

const tile = (page: Page, name: string) =>
  page.locator("dl > div").filter({ has: page.locator("dt").getByText(name, { exact: true }) });
const narrowedBy = (page: Page) => page.getByRole("list", { name: "Filtered by" }).getByRole("listitem");

test("costs, projection and budget lead to the turns behind them, and every figure says what it is", async ({ page }) => {
  await signIn(page);
  for (const [name, link] of [
    ["Cost today", /\$/],
    ["Cost this month", /\$/],
    ["Projected month", /\$/],
    ["Budget", "Today"],
    ["Budget", "This month"],
  ] as const) {
    await page.goto(`${PATH}?period=30d`);
    await live(page);
    await expect(tile(page, name).locator("dt")).toHaveAttribute("title", /.{40}/);
    await tile(page, name).getByRole("link", { name: link }).click();
    await page.waitForURL("**/telemetry/turns?from=*");
    await expect(narrowedBy(page)).toHaveText([/^since \d{4}-\d\d-\d\d 00:00$/]);
    await expect(page.getByText(/^Times in /)).toBeVisible();
  }
});

test("the rows say what they are narrowed to, and each of it can be taken away", async ({ page }) => {
  await signIn(page);
  await page.goto(`${PATH}/turns?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z&outcome=failed&weekday=1`);
  await live(page);
  await expect(narrowedBy(page)).toHaveCount(3);
  await expect(narrowedBy(page)).toContainText([/^20\d\d-\d\d-\d\d .+ to /, "Failed", "Mon"]);
  await expect(page.getByText("No such turns")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Remove Failed" }).click();
  await expect(narrowedBy(page)).toHaveCount(2);
  await expect(page).not.toHaveURL(/outcome/);
  await expect(page.getByRole("region", { name: "Telemetry" })).toBeFocused();
  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(narrowedBy(page)).toHaveText(["Last 24 hours"]);
  await expect(page).toHaveURL(new RegExp(`${PATH}/turns$`));
  await expect(page.getByRole("link", { name: "Clear all" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "CSV" })).toHaveAttribute("href", /turns\?format=csv$/);
});

test.describe("an address", () => {
  // Said again by the browser where the page was live before the figures came.
  test.use({ expectedNoise: /status of 404/ });

  test("of what is not there is told kindly, and what it cannot mean is left out", async ({ page }) => {
    await signIn(page);
    await page.goto(`${PATH}/turns?weekday=9&hour=24&outcome=splendid&limit=0&colour=red`);
    await live(page);
    await expect(narrowedBy(page)).toHaveText(["Last 24 hours"]);
    await expect(page.getByRole("alert")).toHaveCount(0);

    await page.goto(`${PATH}?domain=nowhere.example`);
    await live(page);
    await expect(page.getByRole("alert")).toContainText("The figures could not be loaded");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Clear all" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Telemetry" })).toBeVisible();
    await expect(tile(page, "Turns")).toBeVisible();

    await page.goto(`${PATH}/turns?domain=nowhere.example`);
    await live(page);
    await expect(page.getByRole("alert")).toContainText("The turns could not be loaded");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Remove nowhere.example" }).click();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect(narrowedBy(page)).toHaveText(["Last 24 hours"]);
  });
});

test("a domain without a turn has an empty page that says what will be there", async ({ page }) => {
  const host = `empty-${Date.now()}.example`;
  addDomain(host);
  await signIn(page);
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${PATH}?domain=${host}`);
    await live(page);
    await expect(page.getByText("No turns in this time")).toBeVisible();
    await expect(tile(page, "Success").getByRole("link")).toHaveText("–");
    await expect(tile(page, "Projected month")).toContainText("nothing has cost anything in four weeks");
    await expectAccessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
  await tile(page, "Success").getByRole("link").click();
  await expect(page.getByText("No such turns")).toBeVisible();
  await expectAccessible(page);
});

test("from where on something is an alert is set where the telemetry leads to", async ({ page, baseURL }) => {
  await signIn(page);
  await page.goto(PATH);
  await live(page);
  await page.getByRole("link", { name: "Set alerts" }).click();
  const section = page.getByRole("region", { name: "Alerts" });
  await expect(section).toBeInViewport();
  const failed = section.getByLabel("Failed turns above");
  const bar = page.getByRole("group", { name: "Unsaved changes" });
  await expect(failed).toHaveValue("3");
  await failed.fill("0");
  await bar.getByRole("button", { name: "Save" }).click();
  await expect(failed).toBeFocused();
  await expect(failed).toHaveAttribute("aria-invalid", "true");
  await expect(section).toContainText("Enter a number from 0.1 to 100");
  await expectAccessible(page);

  await failed.fill("4.5");
  await section.getByLabel("Searches needed").fill("40");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Notifications" })).toContainText("Alerts saved");
  await expect(bar).toHaveCount(0);
  await page.reload();
  await expect(failed).toHaveValue("4.5");
  await expect(section.getByLabel("Searches needed")).toHaveValue("40");
  const answer = await page.request.get("/api/settings/alerts");
  expect((await answer.json()).settings).toMatchObject({ error_percent: 4.5, fewest_searches: 40 });
  const data = { settings: {} };
  const back = await page.request.put("/api/settings/alerts", { data, headers: { origin: baseURL! } });
  expect(back.ok()).toBe(true);
});

test("an agent is told that figures are not theirs, and has no way there", async ({ page }) => {
  await signIn(page, createUser("agent"));
  await expect(page.getByRole("link", { name: "Telemetry" })).toHaveCount(0);
  await page.goto(PATH);
  await live(page);
  await expect(page.getByText("You may not see these figures")).toBeVisible();
  await expectAccessible(page);
});
