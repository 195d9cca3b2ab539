import { expect, expectAccessible, live, openConversation, signIn, test } from "../support/test";

// What `dashboard.spec.ts` looks at on a large screen, on the smallest that we support, and what only appears on demand.
for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} mode at 360 pixels`, () => {
    test.use({ colorScheme, viewport: { width: 360, height: 740 } });

    test("axe finds nothing on any page", async ({ page }) => {
      await page.goto("/login");
      await expectAccessible(page);
      await signIn(page);
      await live(page);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Open the menu" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await openConversation(page);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Assign" }).click();
      await expect(page.getByRole("menu")).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Customer details" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectAccessible(page);
      const settings = ["/dashboard/settings/agent", "/dashboard/settings/connections"];
      for (const path of ["/dashboard/ui", "/dashboard/telemetry?period=30d", ...settings]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await live(page);
        await expectAccessible(page);
        const beyond = await page.evaluate(() => {
          const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement;
          return [scrollWidth - clientWidth, scrollHeight - clientHeight];
        });
        expect(beyond, `${path} scrolls inside its own regions only`).toEqual([0, 0]);
      }
    });
  });

  test.describe(`in ${colorScheme} mode`, () => {
    test.use({ colorScheme, expectedNoise: /status of 404/ });

    test("axe finds nothing in empty lists, errors, dialogs, news and missing pages", async ({ page }) => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await signIn(page);
      await page.goto("/dashboard/conversations?status=snoozed");
      await expect(page.getByText("Nothing matches these filters")).toBeVisible();
      await live(page);
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await page.goto("/dashboard/ui");
      await live(page);
      await page.getByRole("button", { name: "Error toast" }).click();
      await expect(page.getByRole("alert").filter({ hasText: "Not sent" })).toBeVisible();
      await expectAccessible(page);
      await page.goto("/dashboard/conversations/0190a6c2-7c1e-7000-8000-3f1d2c4b5a69");
      await expect(page.getByText("This conversation is not here")).toBeVisible();
      await expectAccessible(page);
      await page.goto("/dashboard/nowhere");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectAccessible(page);
    });
  });
}
