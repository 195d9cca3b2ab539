import type { Locator, Page } from "@playwright/test";

import { createUser } from "../support/people";
import { type Provider, reply, startProvider } from "../support/provider";
import { expect, expectAccessible, live, owner, signIn, test } from "../support/test";

const PATH = "/dashboard/settings/agent";
const KEY = "sk-test-of-the-browser-3f9a";
const QUESTION = "What does express delivery cost?";

let provider: Provider;
test.beforeAll(async () => {
  provider = await startProvider();
});
test.afterAll(() => provider.stop());

/** Puts the demo's settings back: without a provider, as other tests find them. */
async function restore(page: Page, baseURL: string) {
  const data = { settings: {}, api_key: "" };
  const response = await page.request.put("/api/settings/agent", { data, headers: { origin: baseURL } });
  expect(response.ok(), await response.text()).toBe(true);
}

/** Saves through the API, as somebody else would. */
async function saveElsewhere(page: Page, baseURL: string, settings: object, more: object = {}) {
  const data = { settings, ...more };
  const response = await page.request.put("/api/settings/agent", { data, headers: { origin: baseURL } });
  expect(response.ok(), await response.text()).toBe(true);
}

async function open(page: Page, width = 1440) {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(PATH);
  await live(page);
  await expect(page.getByRole("heading", { level: 1, name: "AI agent" })).toBeVisible();
}

const banner = (page: Page) => page.locator("#agent-form").getByRole("status").first();
const bar = (page: Page) => page.getByRole("group", { name: "Unsaved changes" });
const save = (page: Page) => bar(page).getByRole("button", { name: "Save" });
const field = (page: Page, name: string) =>
  page.locator("#agent-form").getByLabel(name, { exact: true }).and(page.locator("input, textarea, select"));
const preview = (page: Page) => page.getByRole("complementary", { name: "Preview" });

async function askPreview(page: Page, text: string): Promise<Locator> {
  const answers = preview(page).getByRole("article");
  const before = await answers.count();
  await preview(page).getByRole("textbox", { name: "Message to the AI" }).fill(text);
  await page.keyboard.press("Enter");
  await expect(answers).toHaveCount(before + 1, { timeout: 30_000 });
  return answers.last();
}

test.describe("settings", () => {
  test.afterEach(async ({ page, baseURL }) => {
    if (page.url().includes("/dashboard")) await restore(page, baseURL!);
  });

  test("a provider is set up, answers from then on, and its key is never shown again", async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await signIn(page);
    await page.getByRole("link", { name: "AI agent" }).click();
    await expect(banner(page)).toContainText("Answers are quoted from your pages");
    await expect(bar(page)).toHaveCount(0);

    await field(page, "Address").fill(provider.url);
    await field(page, "Key").fill(KEY);
    await field(page, "Model").fill("test-model");
    await save(page).click();
    await expect(page.getByRole("region", { name: "Notifications" })).toContainText("Saved");
    await expect(bar(page)).toHaveCount(0);
    await expect(banner(page)).toContainText(`test-model at ${new URL(provider.url).host} answers`);

    await page.reload();
    await live(page);
    await expect(field(page, "Model")).toHaveValue("test-model");
    await expect(field(page, "Key")).toHaveValue("••••••••3f9a");
    await expect(field(page, "Key")).toHaveAttribute("readonly");
    await expect(page.locator("input[type=password]")).toHaveCount(0);
    expect(await page.content()).not.toContain(KEY);

    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await expect(field(page, "Key")).toHaveValue("Removed when you save");
    await save(page).click();
    await expect(banner(page)).toContainText("its key is missing");
  });

  test("a kept key has its label in every state, and is replaced only when that is asked for", async ({ page, baseURL }) => {
    await signIn(page);
    await saveElsewhere(page, baseURL!, { model: { base_url: provider.url, model: "test-model" } }, { api_key: KEY });
    await open(page);
    const key = field(page, "Key");
    await page.locator("#agent-form").getByText("Key", { exact: true }).click();
    await expect(key).toBeFocused();
    await page.keyboard.type("typed by mistake");
    await expect(key).toHaveValue("••••••••3f9a");
    await expect(bar(page)).toHaveCount(0);

    await page.getByRole("button", { name: "Replace", exact: true }).click();
    await expect(key).toBeFocused();
    await expect(key).toHaveValue("");
    await page.keyboard.type("sk-the-new-one-77c2");
    await expect(bar(page)).toBeVisible();
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect(key).toHaveValue("••••••••3f9a");
    await expect(bar(page)).toHaveCount(0);

    await page.getByRole("button", { name: "Replace", exact: true }).click();
    await page.keyboard.type("sk-the-new-one-77c2");
    await save(page).click();
    await expect(key).toHaveValue("••••••••77c2");
  });

  test("discarding puts everything back", async ({ page }) => {
    await signIn(page);
    await open(page);
    await field(page, "Instructions").fill("Mention the size guide.");
    await page.getByRole("switch", { name: /^Products/ }).uncheck();
    await page.getByRole("button", { name: "Add a rule" }).click();
    await expect(field(page, "Words")).toBeVisible();
    await bar(page).getByRole("button", { name: "Discard" }).click();
    await expect(bar(page)).toHaveCount(0);
    await expect(field(page, "Instructions")).toHaveValue("");
    await expect(page.getByRole("switch", { name: /^Products/ })).toBeChecked();
    await expect(field(page, "Words")).toHaveCount(0);
  });

  test("lists, rules, tools and exact amounts come back as they were saved", async ({ page }) => {
    await signIn(page);
    await open(page);
    const topics = field(page, "Topics to leave alone");
    await topics.fill("Politics");
    await topics.press("Enter");
    await topics.fill("weather");
    await topics.press("Enter");
    await field(page, "Answer only in").selectOption("Deutsch");
    await field(page, "Answer only in").selectOption("English");
    await page.getByRole("button", { name: "Add a rule" }).click();
    await field(page, "Words").fill("lawyer");
    await field(page, "Words").press("Enter");
    await field(page, "Then").selectOption("Hand over at once");
    await page.getByRole("button", { name: "Add a tool" }).click();
    await page.locator("[id^=tool-][id$=-name]").fill("loyalty_points");
    await page.locator("[id^=tool-][id$=-url]").fill("http://127.0.0.1:9/points");
    await field(page, "What it is for").fill("Tells how many points a customer has.");
    await field(page, "A day").fill("12.500001");
    await save(page).click();
    await expect(bar(page)).toHaveCount(0);

    await page.reload();
    await live(page);
    const form = page.locator("#agent-form");
    for (const text of ["Politics", "weather", "Deutsch", "for all others", "lawyer", "loyalty_points"]) {
      await expect(form.getByText(text, { exact: true }).first()).toBeVisible();
    }
    await expect(field(page, "A day")).toHaveValue("12.500001");
    await expect(field(page, "Then")).toHaveValue("handoff");
    await expect(form.getByRole("meter", { name: "Today" })).toBeVisible();
    await expect(bar(page)).toHaveCount(0);

    await form.getByRole("button", { name: "Remove Politics" }).click();
    await expect(topics).toBeFocused();
    await expect(bar(page)).toBeVisible();
  });

  test.describe("that are not acceptable", () => {
    test.use({ expectedNoise: /status of 4(22|09)/ });

    test("are told at their fields, and the first takes focus", async ({ page }) => {
      await signIn(page);
      await open(page);
      await field(page, "Temperature").fill("warm");
      await field(page, "A day").fill("1,5");
      await save(page).click();
      await expect(field(page, "Temperature")).toBeFocused();
      await expect(field(page, "A day")).toHaveAttribute("aria-invalid", "true");
      await expect(page.locator("#agent-form")).toContainText("Enter dollars such as 12.50");

      await field(page, "Temperature").fill("9");
      await field(page, "A day").fill("1.5");
      await expect(field(page, "A day")).not.toHaveAttribute("aria-invalid", "true");
      await save(page).click();
      await expect(field(page, "Temperature")).toBeFocused();
      await expect(page.locator("[id='model.temperature-error']")).toHaveText("must be 0 to 2");

      await field(page, "Temperature").fill("");
      await page.getByRole("button", { name: "Add a tool" }).click();
      await save(page).click();
      const problem = page.locator("#tools").getByRole("alert").first();
      await expect(problem).toContainText("a tool's name");
      await expect(problem).toBeFocused();
    });

    test("a change of somebody else is told, and nothing of it is overwritten", async ({ page, baseURL }) => {
      await signIn(page);
      await open(page);
      await field(page, "Name").fill("Fern");
      await saveElsewhere(page, baseURL!, { persona: { name: "Bo" } });
      await save(page).click();
      await expect(bar(page).getByRole("alert")).toContainText("Someone else saved these settings");
      await bar(page).getByRole("button", { name: "Load theirs" }).click();
      await expect(field(page, "Name")).toHaveValue("Bo");
      await expect(bar(page)).toHaveCount(0);
    });
  });

  test("nobody leaves unsaved changes behind without being asked", async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await signIn(page);
    // Live before, so that the router goes there and the way back is its own.
    await live(page);
    await page.getByRole("link", { name: "AI agent" }).click();
    await field(page, "Name").fill("Fern");

    const dialog = page.getByRole("dialog", { name: "Unsaved changes" });
    await page.getByRole("link", { name: "Inbox" }).click();
    await expect(dialog).toBeVisible();
    await dialog.getByRole("button", { name: "Stay" }).click();
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL(new RegExp(`${PATH}$`));
    await expect(field(page, "Name")).toHaveValue("Fern");

    await page.goBack();
    await expect(dialog).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`${PATH}$`));
    await dialog.getByRole("button", { name: "Stay" }).click();
    await expect(field(page, "Name")).toHaveValue("Fern");

    // Within the page nothing is lost, so nothing is asked.
    await page.getByRole("link", { name: "Budgets" }).click();
    await expect(dialog).toBeHidden();

    await page.getByRole("link", { name: "Inbox" }).click();
    await dialog.getByRole("button", { name: "Leave without saving" }).click();
    await page.waitForURL("**/dashboard/conversations**");
  });

  test("the keyboard alone is enough", async ({ page }) => {
    await signIn(page);
    await open(page);
    await field(page, "Name").focus();
    await page.keyboard.type("Fern");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("radio", { name: "Neutral" })).toBeChecked();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowLeft");
    await expect(page.getByRole("radio", { name: "Short" })).toBeChecked();
    await field(page, "Name").focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "Notifications" })).toContainText("Saved");
    await page.reload();
    await expect(page.getByRole("radio", { name: "Neutral" })).toBeChecked();
    await expect(field(page, "Name")).toHaveValue("Fern");
  });
});

test.describe("preview", () => {
  test.afterEach(async ({ page, baseURL }) => restore(page, baseURL!));

  test("without a model quotes the pages and shows what it found", async ({ page }) => {
    await signIn(page);
    await open(page);
    const answer = await askPreview(page, QUESTION);
    await expect(answer).toContainText("€14.90");
    await answer.getByText("How this came about").click();
    await expect(answer).toContainText("Quotes from your pages");
    await answer.getByText("Passages", { exact: true }).click();
    await expect(answer.getByText("Cited", { exact: true }).first()).toBeVisible();
    await expect(answer.getByRole("link", { name: /Shipping/ }).first()).toBeVisible();

    await preview(page).getByRole("button", { name: "Begin anew" }).click();
    await expect(preview(page).getByText("Ask as a customer would")).toBeVisible();
  });

  test("with a model shows prompt, claims and cost, with settings that are not saved", async ({ page, baseURL }) => {
    await provider.script({
      rules: [
        {
          when: { user_says: "express" },
          reply: reply("Express delivery costs €14.90 [1]. It costs €3.33 on Sundays [1]."),
        },
      ],
    });
    await signIn(page);
    const model = { base_url: provider.url, model: "test-model" };
    await saveElsewhere(page, baseURL!, { model }, { api_key: KEY });
    await open(page);
    await field(page, "Instructions").fill("Say thank you in the end.");
    await expect(preview(page)).toContainText("Your unsaved settings are used");
    const answer = await askPreview(page, QUESTION);
    const bubble = answer.locator("div").first();
    await expect(bubble).toContainText("€14.90");
    await expect(bubble).not.toContainText("€3.33");
    await answer.getByText("How this came about").click();
    await answer.getByText("Prompt", { exact: true }).click();
    await expect(answer.getByRole("region", { name: "Prompt: persona" })).toContainText("Say thank you in the end.");
    await answer.getByText("Model calls").click();
    await expect(answer.getByText("test-model").first()).toBeVisible();
    await answer.getByText("Claim check", { exact: true }).first().click();
    await expect(answer.getByText("It costs €3.33 on Sundays")).toBeVisible();
    await expect(answer.getByText("Removed", { exact: true })).toBeVisible();
    await expect(preview(page)).toContainText(/Cost \$0\.\d+/);
    await expect(preview(page)).toContainText("it counts for the budget, but is in no turn of the telemetry");
  });

  test.describe("that fails", () => {
    test.use({ expectedNoise: /status of 503|^503 / });

    test("says so, and can be asked again", async ({ page }) => {
      await signIn(page);
      await open(page);
      const refused = { code: "unavailable", message: "not now", request_id: "req-7", fields: {}, retry_after: 1 };
      await page.route("**/rpc/agent/preview", (route) =>
        route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify(refused) }),
      );
      await preview(page).getByRole("textbox", { name: "Message to the AI" }).fill(QUESTION);
      await page.keyboard.press("Enter");
      await expect(preview(page).getByRole("alert")).toContainText("req-7");
      await page.unroute("**/rpc/agent/preview");
      await preview(page).getByRole("button", { name: "Try again" }).click();
      await expect(preview(page).getByRole("article")).toContainText("€14.90", { timeout: 30_000 });
      await expect(preview(page).getByRole("alert")).toHaveCount(0);
    });
  });
});

test("an answer's receipt tells what it rests on, and what today's search finds", async ({ page, baseURL }) => {
  await signIn(page);
  const asked = await page.request.post("/api/chat", {
    data: {
      domain: new URL(baseURL!).host,
      session_id: `receipt-of-${Date.now()}-visitor`,
      message: QUESTION,
      client_id: crypto.randomUUID(),
    },
  });
  const { conversation_id } = await asked.json();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/dashboard/conversations/${conversation_id}`);
  await live(page);
  const button = page.getByRole("log").getByRole("button", { name: "Receipt" });
  await button.focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Receipt" });
  await expect(drawer).toContainText("Quotes from your pages");
  await drawer.getByText("Passages", { exact: true }).click();
  await expect(drawer.getByText("Cited", { exact: true }).first()).toBeVisible();
  await expectAccessible(page);
  await drawer.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(drawer).toContainText("The search finds the same as then.");
  await expect(drawer.getByText("Same", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
  await expect(button).toBeFocused();
});

test.describe("as an agent", () => {
  test("one reads the settings and changes nothing", async ({ page }) => {
    await signIn(page, createUser("agent"));
    await open(page);
    await expect(page.getByText("Your role can read these settings but not change them.")).toBeVisible();
    await expect(field(page, "Model")).toBeDisabled();
    await expect(field(page, "Failed turns above")).toBeDisabled();
    await expect(field(page, "Failed turns above")).toHaveValue("3");
    await expect(page.getByRole("switch", { name: /^Products/ })).toBeDisabled();
    await expect(page.getByRole("button", { name: "Add a tool" })).toHaveCount(0);
    await expect(preview(page)).toContainText("Your role cannot use the preview");
    await expectAccessible(page);
  });
});

test("an analyst finds no way in, and is told so behind the address", async ({ page }) => {
  await signIn(page, createUser("analyst"));
  await expect(page.getByRole("link", { name: "AI agent" })).toHaveCount(0);
  await page.goto(PATH);
  await expect(page.getByText("Your role does not show these settings")).toBeVisible();
  await expectAccessible(page);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 768, 1440, 1920]) {
    test.describe(`in ${colorScheme} mode at ${width} pixels`, () => {
      test.use({ colorScheme, expectedNoise: /status of 422/ });

      test("axe finds nothing and nothing scrolls sideways", async ({ page }) => {
        await signIn(page, owner);
        await open(page, width);
        const narrow = () => page.evaluate(() => document.documentElement.scrollWidth);
        const tab = (name: string) => page.getByRole("navigation", { name: "Parts of this page" }).getByRole("link", { name });
        await page.getByRole("button", { name: "Add a rule" }).click();
        await page.getByRole("button", { name: "Add a tool" }).click();
        await field(page, "A day").fill("nothing");
        await save(page).click();
        await expect(field(page, "A day")).toBeFocused();
        await expectAccessible(page);
        expect(await narrow()).toBeLessThanOrEqual(width);

        await field(page, "A day").fill("");
        await page.getByRole("button", { name: "Remove the rule" }).click();
        await page.getByRole("button", { name: "Remove this tool" }).click();
        if (width < 1280) await tab("Preview").click();
        const answer = await askPreview(page, QUESTION);
        await answer.getByText("How this came about").click();
        for (const part of ["Passages", "Timings"]) await answer.getByText(part, { exact: true }).first().click();
        await expectAccessible(page);
        expect(await narrow()).toBeLessThanOrEqual(width);
      });
    });
  }
}
