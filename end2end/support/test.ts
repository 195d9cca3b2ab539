import { test as base, expect, type Page, type BrowserContext } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";

export const owner = { email: "owner@demo.test", password: "correct-horse-battery" };

/** Fails the test at its end when a page said anything to the console, threw, or got a 5xx. */
function watch(page: Page, problems: string[]) {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
}

type Fixtures = {
  /** Console messages that this test provokes on purpose. */
  expectedNoise: RegExp;
  /** A second browser of its own: the agent beside the customer. */
  agentPage: Page;
  problems: string[];
};

export const test = base.extend<Fixtures>({
  // Matches nothing.
  expectedNoise: [/(?!)/, { option: true }],
  problems: async ({ expectedNoise }, use) => {
    const problems: string[] = [];
    await use(problems);
    expect(problems.filter((problem) => !expectedNoise.test(problem)), "the console stays silent").toEqual([]);
  },
  page: async ({ page, problems }, use) => {
    watch(page, problems);
    await use(page);
  },
  agentPage: async ({ browser, problems, baseURL }, use) => {
    const context: BrowserContext = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    watch(page, problems);
    await use(page);
    await context.close();
  },
});

export { expect };

/** Signs in through the log-in page and waits for the inbox. */
export async function signIn(page: Page, user = owner) {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password", { exact: true }).fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/dashboard/conversations**");
}

/** Waits until the page is live: script runs, and the server tells it what happens. */
export async function live(page: Page) {
  await expect(page.locator("[data-connection=live]")).toBeAttached();
}

/** The rows of the inbox. */
export const rows = (page: Page) => page.getByRole("region", { name: "Conversations" }).getByRole("link");

/** Opens a conversation that a person has to answer. */
export async function openConversation(page: Page) {
  await page.goto("/dashboard/conversations?status=open");
  await live(page);
  await rows(page).first().click();
  await expect(page.getByRole("log")).toBeVisible();
}

/** Opens the widget on the page that is shown and waits until one can type. */
export async function openWidget(page: Page) {
  await page.getByRole("button", { name: /chat/i }).first().click();
  const input = messageInput(page);
  await expect(input).toBeVisible();
  return input;
}

export const messageInput = (page: Page) => page.getByRole("textbox", { name: /message/i });

export const transcript = (page: Page) => page.getByRole("log");

/** Types a question into the open widget and sends it. */
export async function ask(page: Page, question: string) {
  const input = messageInput(page);
  await input.fill(question);
  await input.press("Enter");
}

/** Asserts that axe has nothing to say about the page. */
export async function expectAccessible(page: Page, scope?: string) {
  const builder = new AxeBuilder({ page });
  if (scope) builder.include(scope);
  const { violations } = await builder.analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
}
