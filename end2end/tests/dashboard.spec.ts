import { expect, expectAccessible, owner, signIn, test } from "../support/test";

test.describe("with a wrong password", () => {
  // Browsers log each refused request themselves.
  test.use({ expectedNoise: /status of 401/ });

  test("the log-in says so plainly and keeps the address", async ({ page }) => {
    await page.goto("/login");
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText(/wrong/i);
    await expect(page.getByLabel("E-mail")).toHaveValue(owner.email);
  });
});

test("a signed-out visitor is sent to the log-in and back to where they wanted to go", async ({ page }) => {
  await page.goto("/dashboard/conversations?view=unassigned");
  await page.waitForURL("**/login**");
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/dashboard/conversations?view=unassigned**");
});

test("an agent reads, notes, resolves and reopens with the keyboard", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page);
  await page.getByRole("link", { name: /^All/ }).first().click();
  await expect(page.getByRole("region", { name: "Conversations" }).getByRole("link").first()).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/dashboard/conversations/*");
  const log = page.getByRole("log");
  await expect(log).toBeVisible();

  await page.keyboard.press("n");
  const note = page.getByRole("textbox", { name: /note/i });
  await expect(note).toBeFocused();
  const text = `Noted at ${Date.now()}`;
  await note.fill(text);
  await page.keyboard.press("Control+Enter");
  await expect(log).toContainText(text);
  await expect(note).toHaveValue("");
  await note.blur();

  await page.keyboard.press("e");
  await expect(page.getByRole("button", { name: /reopen/i })).toBeVisible();
  await page.getByRole("button", { name: /reopen/i }).click();
  await expect(page.getByRole("button", { name: /resolve/i })).toBeVisible();
});

test("past conversations are there, and the page says so with counts that match the list", async ({ page, request }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await signIn(page);
  const response = await page.request.get("/api/dashboard/conversations?view=all&limit=100");
  expect(response.ok()).toBe(true);
  const { items } = await response.json();
  expect(items.length).toBeGreaterThanOrEqual(36);
  expect((await request.get("/api/dashboard/conversations")).status(), "signed out").toBe(401);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} mode`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on the log-in page, the inbox, a conversation and the UI kit", async ({ page }) => {
      await page.goto("/login");
      await expectAccessible(page);
      await signIn(page);
      await expect(page.getByRole("link", { name: /^All/ }).first()).toBeVisible();
      await page.goto("/dashboard/conversations?view=all");
      await page.getByRole("region", { name: "Conversations" }).getByRole("link").first().click();
      await expect(page.getByRole("log")).toBeVisible();
      await expectAccessible(page);
      await page.goto("/dashboard/ui");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectAccessible(page);
    });
  });
}

for (const width of [360, 768, 1440, 1920]) {
  test(`nothing scrolls sideways at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await signIn(page);
    for (const path of ["/dashboard/conversations?view=all", "/dashboard/ui"]) {
      await page.goto(path);
      await expect(page.getByRole("main")).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width);
    }
  });
}
