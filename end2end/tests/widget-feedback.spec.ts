import type { Page } from "@playwright/test";
import { ask, expect, expectAccessible, live, openWidget, signIn, test, transcript } from "../support/test";

const helpful = (page: Page) => page.getByRole("button", { name: "Helpful", exact: true });
const unhelpful = (page: Page) => page.getByRole("button", { name: "Not helpful", exact: true });
const reason = (page: Page, name: string) => page.getByRole("group", { name: "What was wrong?" }).getByRole("button", { name });
const comment = (page: Page) => page.getByRole("textbox", { name: "Anything to add? (optional)" });

/** Waits for the server to have taken a verdict with these parts. */
const saved = (page: Page, parts: Record<string, unknown>) =>
  page.waitForResponse((response) => {
    if (!response.url().endsWith("/api/widget/feedback")) return false;
    const body = response.request().postDataJSON();
    return response.status() === 204 && Object.entries(parts).every(([name, value]) => body[name] === value);
  });

/** An answer of the AI on the screen. */
async function answered(page: Page) {
  await page.goto("/demo/shipping.html");
  await openWidget(page);
  await ask(page, "How much is shipping to Austria?");
  await expect(transcript(page)).toContainText("€6.90", { timeout: 20_000 });
  await expect(helpful(page)).toBeVisible();
}

test("a thumb down with its reason reaches the team's figures and is there after a reload", async ({ page, agentPage }) => {
  await answered(page);
  const down = saved(page, { rating: "down" });
  await unhelpful(page).click();
  await down;
  const because = saved(page, { rating: "down", reason: "outdated" });
  await reason(page, "Out of date").click();
  await because;
  await expect(reason(page, "Out of date")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("Thanks for your feedback.")).toBeVisible();
  const words = saved(page, { rating: "down", reason: "outdated", comment: "That was last year." });
  await comment(page).fill("That was last year.");
  await page.getByRole("button", { name: "Send feedback" }).click();
  await words;
  await expect(comment(page)).toBeHidden();

  const resumed = page.waitForResponse((response) => response.url().endsWith("/api/widget/session"));
  await page.reload();
  const { conversation_id, transcript: stored } = await (await resumed).json();
  expect(stored.feedback).toMatchObject([{ rating: "down", reason: "outdated", comment: "That was last year." }]);
  await openWidget(page);
  await expect(unhelpful(page)).toHaveAttribute("aria-pressed", "true");
  await expect(helpful(page)).toHaveAttribute("aria-pressed", "false");
  await expect(comment(page)).toHaveCount(0);

  await signIn(agentPage);
  const response = await agentPage.request.get("/api/dashboard/telemetry/turns?rating=down");
  const { items } = await response.json();
  const turn = items.find((item: { conversation_id: string }) => item.conversation_id === conversation_id);
  expect(turn).toMatchObject({ rating: "down", reply_id: stored.feedback[0].message_id });
  await agentPage.goto("/dashboard/telemetry/turns?rating=down");
  await live(agentPage);
  await agentPage.locator(`tbody a[href*="${conversation_id}"]`).first().click();
  const opinion = agentPage.getByRole("log").locator("[data-rating=down]");
  await expect(opinion).toContainText("Did not help the customer: outdated");
  await expect(opinion.getByRole("blockquote")).toHaveText("That was last year.");
  await expectAccessible(agentPage);
});

test("thumbs work with the keyboard alone, can be changed and be taken back", async ({ page }) => {
  await answered(page);
  await helpful(page).focus();
  await page.keyboard.press("Enter");
  await expect(helpful(page)).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("Thanks for your feedback.")).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(unhelpful(page)).toBeFocused();
  await page.keyboard.press("Space");
  await expect(unhelpful(page)).toHaveAttribute("aria-pressed", "true");
  await expect(helpful(page)).toHaveAttribute("aria-pressed", "false");

  await page.keyboard.press("Tab");
  await expect(reason(page, "Incorrect")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(reason(page, "Incorrect")).toHaveAttribute("aria-pressed", "true");
  await comment(page).focus();
  const words = saved(page, { rating: "down", reason: "incorrect", comment: "Too dear" });
  await page.keyboard.type("Too dear");
  await page.keyboard.press("Enter");
  await words;
  await expect(unhelpful(page)).toBeFocused();

  const back = saved(page, { rating: undefined });
  await page.keyboard.press("Enter");
  await back;
  await expect(unhelpful(page)).toHaveAttribute("aria-pressed", "false");
  await expect(unhelpful(page)).toBeFocused();
});

test.describe("while the server cannot be reached", () => {
  test.use({ expectedNoise: /ERR_FAILED/ });

  test("a thumb is taken back with a word about it, and can be given again", async ({ page }) => {
    await answered(page);
    await page.route("**/api/widget/feedback", (route) => route.abort(), { times: 1 });
    await helpful(page).click();
    await expect(page.getByText("That was not saved. Please try again.")).toBeVisible();
    await expect(helpful(page)).toHaveAttribute("aria-pressed", "false");
    const up = saved(page, { rating: "up" });
    await helpful(page).click();
    await up;
    await expect(helpful(page)).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByText("That was not saved. Please try again.")).toBeHidden();
  });
});

test("only answers have thumbs: no question, and nothing that hands over to a person", async ({ page }) => {
  await answered(page);
  await ask(page, "Can I talk to a person?");
  await expect(transcript(page)).toContainText("a person will answer you here", { timeout: 20_000 });
  await expect(helpful(page)).toHaveCount(1);
  await page.reload();
  await openWidget(page);
  await expect(transcript(page)).toContainText("a person will answer you here");
  await expect(helpful(page)).toHaveCount(1);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a phone in ${colorScheme} mode`, () => {
    test.use({ colorScheme, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

    test("thumbs and reasons are easy to hit, axe finds nothing, and nothing scrolls sideways", async ({ page }) => {
      await answered(page);
      await unhelpful(page).tap();
      await reason(page, "Too slow").tap();
      await expect(reason(page, "Too slow")).toHaveAttribute("aria-pressed", "true");
      for (const target of [helpful(page), unhelpful(page), reason(page, "Tone"), reason(page, "Something else")]) {
        const box = (await target.boundingBox())!;
        expect(box.height).toBeGreaterThanOrEqual(44);
        expect(box.width).toBeGreaterThanOrEqual(44);
        expect(box.x + box.width).toBeLessThanOrEqual(360);
      }
      const log = transcript(page);
      expect(await log.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      await expectAccessible(page);
    });
  });
}

test("a German page is asked in German", async ({ page }) => {
  await page.route("**/demo/shipping.html", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('lang="en"', 'lang="de"') });
  });
  await page.goto("/demo/shipping.html");
  await page.getByRole("button", { name: /chat/i }).click();
  const input = page.getByRole("textbox", { name: "Ihre Nachricht" });
  await input.fill("How much is shipping to Austria?");
  await input.press("Enter");
  await page.getByRole("button", { name: "Nicht hilfreich" }).click({ timeout: 20_000 });
  await page.getByRole("group", { name: "Was war nicht gut?" }).getByRole("button", { name: "Veraltet" }).click();
  await expect(page.getByText("Danke für Ihre Rückmeldung.")).toBeVisible();
});
