import { createUser } from "../support/people";
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

test("an agent is told that figures are not theirs, and has no way there", async ({ page }) => {
  await signIn(page, createUser("agent"));
  await expect(page.getByRole("link", { name: "Telemetry" })).toHaveCount(0);
  await page.goto(PATH);
  await live(page);
  await expect(page.getByText("You may not see these figures")).toBeVisible();
  await expectAccessible(page);
});
