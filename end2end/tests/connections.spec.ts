import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";

import { addDomain, createTenantOfItsOwn, createUser } from "../support/people";
import { type Provider, reply, startProvider } from "../support/provider";
import { type Store, startStore } from "../support/store";
import { ask, expect, expectAccessible, live, openWidget, owner, signIn, test, transcript } from "../support/test";

const PATH = "/dashboard/settings/connections";
const WRONG_KEY = `ck_${"0".repeat(40)}`;

let store: Store;
test.beforeAll(async () => {
  store = await startStore();
});
test.afterAll(() => store.stop());

const host = (baseURL: string) => new URL(baseURL).host;

/** Forgets the store and the keys of the demo's domain, as other tests find it. */
async function restore(page: Page, baseURL: string) {
  const options = { params: { domain: host(baseURL) }, headers: { origin: baseURL } };
  const disconnected = await page.request.delete("/api/settings/store", options);
  expect([204, 404]).toContain(disconnected.status());
  const { items } = await (await page.request.get("/api/settings/identity-keys", options)).json();
  for (const { kid } of items) {
    expect((await page.request.delete(`/api/settings/identity-keys/${kid}`, options)).status()).toBe(204);
  }
}

async function open(page: Page, baseURL: string, width = 1440) {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${PATH}?domain=${host(baseURL)}`);
  await live(page);
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
}

const field = (page: Page, name: string) => page.locator("#store").getByLabel(name, { exact: true }).and(page.locator("input"));
const state = (page: Page) => page.locator("#store").getByRole("status");
const bar = (page: Page) => page.getByRole("group", { name: "Unsaved changes" });
const save = (page: Page) => bar(page).getByRole("button", { name: "Save" });
const news = (page: Page) => page.getByRole("region", { name: "Notifications" });
const keys = (page: Page) => page.getByRole("list", { name: "Identity keys" }).getByRole("listitem");
const makeKey = (page: Page) => page.getByRole("button", { name: "New key" });
const issued = (page: Page) => page.getByRole("dialog", { name: "Your new key" });

async function fill(page: Page, address: string, key = store.consumerKey, secret = store.consumerSecret) {
  await field(page, "Address of the store").fill(address);
  await field(page, "Consumer key").fill(key);
  await field(page, "Consumer secret").fill(secret);
}

async function connect(page: Page) {
  await fill(page, store.url);
  await save(page).click();
  await expect(state(page)).toContainText("The store answers");
}

/** What the dialog of a new key shows, this once. */
async function readKey(page: Page) {
  await expect(issued(page)).toContainText("will not be shown again");
  const text = (name: string) => issued(page).getByRole("region", { name }).innerText();
  return { kid: (await text("Key id (kid)")).trim(), secret: (await text("Secret")).trim() };
}

async function newKey(page: Page) {
  await makeKey(page).click();
  const key = await readKey(page);
  await issued(page).getByRole("button", { name: "Done" }).click();
  await expect(issued(page)).toBeHidden();
  return key;
}

/** Signs as the page's example does. */
function token({ kid, secret }: { kid: string; secret: string }) {
  const part = (data: object) => Buffer.from(JSON.stringify(data)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: "7", iat: now, exp: now + 3600, email: "anna@mail.example", name: "Anna Berg" };
  const signed = `${part({ alg: "HS256", kid })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Sends a message as a program of the shop's does. */
const say = (page: Page, baseURL: string, identity_token: string) =>
  page.request.post("/api/chat", {
    data: {
      domain: host(baseURL),
      session_id: `connections-${crypto.randomUUID()}`,
      message: "What does express delivery cost?",
      client_id: crypto.randomUUID(),
      identity_token,
    },
  });

test.describe("the store", () => {
  test.afterEach(({ page, baseURL }) => restore(page, baseURL!));

  test("is connected, answers, and its keys are never shown again", async ({ page, baseURL }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await signIn(page);
    await live(page);
    await page.getByRole("link", { name: "Connections" }).click();
    await expect(state(page)).toContainText("No store is connected");
    await expect(bar(page)).toHaveCount(0);
    await connect(page);
    await expect(state(page)).toContainText("EUR");
    await expect(news(page)).toContainText("The store is saved");
    await expect(bar(page)).toHaveCount(0);

    await open(page, baseURL!);
    await expect(state(page)).toContainText(`Connected to ${store.url}`);
    await expect(field(page, "Address of the store")).toHaveValue(store.url);
    await expect(field(page, "Consumer key")).toHaveValue(`••••••••${store.consumerKey.slice(-4)}`);
    await expect(page.locator("#store input[type=password]")).toHaveCount(0);
    const html = await page.content();
    expect(html).not.toContain(store.consumerKey);
    expect(html).not.toContain(store.consumerSecret);
    await page.getByRole("button", { name: "Check now" }).click();
    await expect(state(page)).toContainText("The store answers");
    await expect(page.getByRole("button", { name: "Check again" })).toBeFocused();
  });

  test("that refuses its keys, has no API or is not there says what to do", async ({ page, baseURL }) => {
    await signIn(page);
    await open(page, baseURL!);
    await fill(page, store.url, WRONG_KEY);
    await save(page).click();
    await expect(state(page)).toContainText("The store refuses the keys");
    await expect(state(page)).toContainText("Copy both once more");
    await expectAccessible(page);

    await fill(page, baseURL!);
    await save(page).click();
    await expect(state(page)).toContainText("No WooCommerce at this address");

    await fill(page, "http://127.0.0.1:9");
    await save(page).click();
    await expect(state(page)).toContainText("The store cannot be reached");

    // With the right ones in their place it works after all.
    await connect(page);
  });

  test.describe("that cannot be saved so", () => {
    test.use({ expectedNoise: /status of 422/ });

    test("is told beside the fields, and keys go to no other address", async ({ page, baseURL }) => {
      await signIn(page);
      await open(page, baseURL!);
      await fill(page, "", "cs_swapped", "");
      await save(page).click();
      await expect(field(page, "Address of the store")).toBeFocused();
      await expect(page.locator("#base_url-error")).toHaveText("Enter the store's address");
      await expect(page.locator("#consumer_key-error")).toHaveText("A key that begins with ck_");
      await expect(page.locator("#consumer_secret-error")).toHaveText("Enter this one too: the two belong together");

      // What only the server knows.
      await fill(page, "http://10.0.0.1");
      await save(page).click();
      await expect(page.locator("#base_url-error")).not.toBeEmpty();
      await expect(field(page, "Address of the store")).toBeFocused();

      await connect(page);
      await field(page, "Address of the store").fill("http://localhost:9");
      await expect(page.locator("#store")).toContainText("Another address: enter the keys again");
      await expect(field(page, "Consumer key")).toHaveValue("");
      await save(page).click();
      await expect(field(page, "Consumer key")).toBeFocused();
      await expect(page.locator("#consumer_key-error")).toHaveText("Enter both keys");
      await bar(page).getByRole("button", { name: "Discard" }).click();
      await expect(field(page, "Consumer key")).toHaveValue(/••••/);

      // A new key takes its secret along.
      await page.locator("#store").getByRole("button", { name: "Replace" }).first().click();
      await field(page, "Consumer key").fill(store.consumerKey);
      await expect(field(page, "Consumer secret")).toHaveValue("");
      await field(page, "Consumer secret").fill(store.consumerSecret);
      await save(page).click();
      await expect(state(page)).toContainText("The store answers");
    });
  });

  test("is disconnected once that was confirmed", async ({ page, baseURL }) => {
    await signIn(page);
    await open(page, baseURL!);
    await connect(page);
    const button = page.locator("#store").getByRole("button", { name: "Disconnect" });
    const dialog = page.getByRole("dialog", { name: "Disconnect the store?" });
    await button.click();
    await expect(dialog).toContainText(store.url);
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
    await expect(state(page)).toContainText("The store answers");

    await button.click();
    await dialog.getByRole("button", { name: "Disconnect" }).click();
    await expect(dialog).toBeHidden();
    await expect(state(page)).toContainText("No store is connected");
    await expect(field(page, "Address of the store")).toHaveValue("");
    await expect(field(page, "Address of the store")).toBeFocused();
    await open(page, baseURL!);
    await expect(state(page)).toContainText("No store is connected");
  });

  test("is connected with the keyboard alone", async ({ page, baseURL }) => {
    await signIn(page);
    await open(page, baseURL!);
    await field(page, "Address of the store").focus();
    await page.keyboard.type(store.url);
    await page.keyboard.press("Tab");
    await page.keyboard.type(store.consumerKey);
    await page.keyboard.press("Tab");
    await page.keyboard.type(store.consumerSecret);
    await page.keyboard.press("Enter");
    await expect(state(page)).toContainText("The store answers");
  });

  test.describe("when our own server does not answer", () => {
    test.use({ expectedNoise: /status of 503|^503 / });

    test("is not lost: saving, checking and disconnecting can be tried again", async ({ page, baseURL }) => {
      const refused = { code: "unavailable", message: "not now", request_id: "req-7", fields: {} };
      const refuse = (path: string) =>
        page.route(`**/rpc/connections/${path}`, (route) =>
          route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify(refused) }),
        );
      await signIn(page);
      await open(page, baseURL!);
      await refuse("connect-store");
      await refuse("check-store");
      await fill(page, store.url);
      await save(page).click();
      const toast = news(page).getByRole("alert");
      await expect(toast).toContainText("The store was not saved");
      await page.unroute("**/rpc/connections/connect-store");
      await toast.getByRole("button", { name: "Try again" }).click();
      await expect(state(page)).toContainText("The store could not be checked");
      await page.unroute("**/rpc/connections/check-store");
      await page.getByRole("button", { name: "Check again" }).click();
      await expect(state(page)).toContainText("The store answers");

      await refuse("disconnect-store");
      await page.locator("#store").getByRole("button", { name: "Disconnect" }).click();
      const dialog = page.getByRole("dialog", { name: "Disconnect the store?" });
      const confirm = dialog.getByRole("button", { name: "Disconnect" });
      await confirm.click();
      await expect(dialog.getByRole("alert")).toContainText("cannot be reached");
      await expect(confirm).toBeFocused();
      await page.unroute("**/rpc/connections/disconnect-store");
      await confirm.click();
      await expect(state(page)).toContainText("No store is connected");
    });
  });
});

test.describe("identity keys", () => {
  test.use({ expectedNoise: /status of 422/ });
  test.afterEach(({ page, baseURL }) => restore(page, baseURL!));

  test("sign who a visitor is, as long as they last", async ({ page, context, baseURL }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page);
    await open(page, baseURL!);
    await expect(page.locator("#identity")).toContainText("No key yet");

    await makeKey(page).click();
    const first = await readKey(page);
    await expectAccessible(page);
    await issued(page).getByRole("button", { name: "Copy" }).last().click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(first.secret);
    await issued(page).getByRole("button", { name: "Done" }).click();
    await expect(issued(page)).toBeHidden();
    await expect(makeKey(page)).toBeFocused();
    await expect(keys(page)).toContainText([first.kid]);
    expect(await page.content(), "the secret left with its dialog").not.toContain(first.secret);

    const second = await newKey(page);
    await expect(keys(page)).toContainText([first.kid, second.kid]);
    for (const key of [first, second]) expect((await say(page, baseURL!, token(key))).status()).toBe(200);

    const replace = page.getByRole("button", { name: "Replace the oldest" });
    await replace.click();
    const question = page.getByRole("dialog", { name: "Replace the oldest key?" });
    await expect(question).toContainText(first.kid);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await expect(replace).toBeFocused();
    await expect(keys(page)).toContainText([first.kid, second.kid]);

    await replace.click();
    await question.getByRole("button", { name: "Replace the oldest" }).click();
    const third = await readKey(page);
    await page.keyboard.press("Escape");
    await expect(issued(page)).toBeHidden();
    await expect(replace).toBeFocused();
    await expect(keys(page)).toContainText([second.kid, third.kid]);
    expect((await say(page, baseURL!, token(first))).status()).toBe(422);
    for (const key of [second, third]) expect((await say(page, baseURL!, token(key))).status()).toBe(200);

    await page.getByRole("button", { name: `Revoke ${third.kid}` }).click();
    const revoke = page.getByRole("dialog", { name: "Revoke the key?" });
    await expect(revoke).toContainText(third.kid);
    await revoke.getByRole("button", { name: "Revoke" }).click();
    await expect(revoke).toBeHidden();
    await expect(keys(page)).toContainText([second.kid]);
    await expect(makeKey(page)).toBeFocused();
    expect((await say(page, baseURL!, token(third))).status()).toBe(422);

    await open(page, baseURL!);
    await expect(keys(page)).toHaveCount(1);
    await expect(keys(page)).toContainText([second.kid]);
    expect(await page.content()).not.toContain(second.secret);
  });

  test("are made and revoked with the keyboard alone", async ({ page, baseURL }) => {
    await signIn(page);
    await open(page, baseURL!);
    await makeKey(page).focus();
    await page.keyboard.press("Enter");
    const { kid } = await readKey(page);
    await page.keyboard.press("Escape");
    await expect(makeKey(page)).toBeFocused();
    await page.keyboard.press("Shift+Tab");
    await expect(page.getByRole("button", { name: `Revoke ${kid}` })).toBeFocused();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Revoke the key?" });
    await expect(dialog).toBeVisible();
    await dialog.getByRole("button", { name: "Revoke" }).press("Enter");
    await expect(dialog).toBeHidden();
    await expect(keys(page)).toHaveCount(0);
    await expect(makeKey(page)).toBeFocused();
  });

  test("come with code that signs with the newest of them", async ({ page, baseURL }) => {
    await signIn(page);
    await open(page, baseURL!);
    const { kid } = await newKey(page);
    await page.getByText("How your server signs a token").click();
    const code = page.getByRole("region", { name: "How your server signs a token" });
    for (const part of [`'kid' => '${kid}'`, "'sub'", "'iat'", "'exp'", "'email'", "'name'", "hash_hmac('sha256'"]) {
      await expect(code).toContainText(part);
    }
  });

  test.describe("when another person was quicker", () => {
    test.use({ expectedNoise: /status of 409/ });

    test("are told as they are now", async ({ page, baseURL }) => {
      await signIn(page);
      await open(page, baseURL!);
      const options = { data: { domain: host(baseURL!) }, headers: { origin: baseURL! } };
      for (let made = 0; made < 2; made++) {
        expect((await page.request.post("/api/settings/identity-keys", options)).status()).toBe(200);
      }
      await makeKey(page).click();
      await expect(news(page).getByRole("alert")).toContainText("No key was made");
      await expect(keys(page)).toHaveCount(2);
      await expect(page.getByRole("button", { name: "Replace the oldest" })).toBeVisible();
    });
  });
});

test.describe("a customer", () => {
  let provider: Provider;
  test.beforeAll(async () => {
    provider = await startProvider();
  });
  test.afterAll(() => provider.stop());

  test("asks in the widget what a product costs, and gets the store's price", async ({ page, agentPage, baseURL }) => {
    await provider.script({
      rules: [
        {
          when: { user_says: "Dry Bag" },
          steps: [
            { parts: [{ tool_call: { name: "search_products", arguments: { query: "dry bag" } } }] },
            reply("The Dry Bag 13 L costs €14.50.", "answer", []),
          ],
        },
      ],
    });
    await signIn(agentPage);
    await open(agentPage, baseURL!);
    await connect(agentPage);
    const put = (settings: object, api_key: string) =>
      agentPage.request.put("/api/settings/agent", { data: { settings, api_key }, headers: { origin: baseURL! } });
    const model = { base_url: provider.url, model: "test-model" };
    expect((await put({ model }, "sk-test-of-the-browser-3f9a")).ok()).toBe(true);
    try {
      await page.goto("/demo/products.html");
      await openWidget(page);
      await ask(page, "What does the Dry Bag cost?");
      await expect(transcript(page)).toContainText("The Dry Bag 13 L costs €14.50.", { timeout: 20_000 });
    } finally {
      expect((await put({}, "")).ok()).toBe(true);
      await restore(agentPage, baseURL!);
    }
  });
});

test.describe("a tenant of its own", () => {
  test("is told how to add a domain, and chooses between several", async ({ page }) => {
    const { tenant, user } = createTenantOfItsOwn("Fjord & Fell");
    await signIn(page, user);
    await page.goto(PATH);
    await expect(page.getByText("No domain yet")).toBeVisible();
    await expect(page.getByRole("region", { name: "Command" })).toContainText(`omniops tenant add-domain --tenant ${tenant}`);
    await expectAccessible(page);

    addDomain(`de.${tenant}.test`, tenant);
    addDomain(`se.${tenant}.test`, tenant);
    await page.reload();
    await live(page);
    const domain = page.getByRole("combobox", { name: "Domain" });
    await domain.selectOption(`se.${tenant}.test`);
    await expect(page).toHaveURL(new RegExp(`domain=se\\.${tenant}\\.test$`));
    await field(page, "Address of the store").fill("shop.example");
    await domain.selectOption(`de.${tenant}.test`);
    await expect(field(page, "Address of the store")).toHaveValue("");
    await expect(bar(page)).toHaveCount(0);

    // What is typed for the other is still there, and nobody leaves it behind without being asked.
    await page.getByRole("link", { name: "Inbox" }).click();
    const leave = page.getByRole("dialog", { name: "Unsaved changes" });
    await leave.getByRole("button", { name: "Stay" }).click();
    await domain.selectOption(`se.${tenant}.test`);
    await expect(field(page, "Address of the store")).toHaveValue("shop.example");
    await bar(page).getByRole("button", { name: "Discard" }).click();

    await newKey(page);
    await page.reload();
    await live(page);
    await expect(domain).toHaveValue(`se.${tenant}.test`);
    await expect(keys(page)).toHaveCount(1);
    await domain.selectOption(`de.${tenant}.test`);
    await expect(keys(page)).toHaveCount(0);
  });
});

test("an agent reads what is connected and changes nothing", async ({ page, baseURL }) => {
  await signIn(page, createUser("agent"));
  await open(page, baseURL!);
  await expect(page.getByText("Your role can read these settings but not change them.")).toBeVisible();
  await expect(field(page, "Address of the store")).toBeDisabled();
  await expect(makeKey(page)).toHaveCount(0);
  await expectAccessible(page);
});

test("an analyst finds no way in, and is told so behind the address", async ({ page }) => {
  await signIn(page, createUser("analyst"));
  await expect(page.getByRole("link", { name: "Connections" })).toHaveCount(0);
  await page.goto(PATH);
  await expect(page.getByText("Your role does not show these settings")).toBeVisible();
  await expectAccessible(page);
});

test.describe("when the page cannot be loaded", () => {
  test.use({ expectedNoise: /status of 503|^503 / });

  test("it says so and is tried again", async ({ page }) => {
    const refused = { code: "unavailable", message: "not now", request_id: "req-7", fields: {} };
    await page.setViewportSize({ width: 1440, height: 900 });
    await signIn(page);
    await live(page);
    await page.route("**/rpc/connections/read", (route) =>
      route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify(refused) }),
    );
    await page.getByRole("link", { name: "Connections" }).click();
    await expect(page.getByRole("alert")).toContainText("req-7");
    await expectAccessible(page);
    await page.unroute("**/rpc/connections/read");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(state(page)).toContainText("No store is connected");
  });
});

test.describe("in German", () => {
  test.use({ locale: "de-DE" });

  test("the page speaks it", async ({ page }) => {
    const user = createTenantOfItsOwn("Berg & Tal");
    addDomain(`${user.tenant}.test`, user.tenant);
    await page.goto("/login");
    await page.getByLabel("E-Mail").fill(user.user.email);
    await page.getByLabel("Passwort", { exact: true }).fill(user.user.password);
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.waitForURL("**/dashboard/conversations**");
    await page.goto(PATH);
    await live(page);
    await expect(page.getByRole("heading", { level: 1, name: "Verbindungen" })).toBeVisible();
    await expect(state(page)).toContainText("Kein Shop ist verbunden");
    await page.getByRole("button", { name: "Neuer Schlüssel" }).click();
    await expect(page.getByRole("dialog", { name: "Ihr neuer Schlüssel" })).toContainText("nicht wieder angezeigt");
    await expectAccessible(page);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 768, 1440, 1920]) {
    test.describe(`in ${colorScheme} mode at ${width} pixels`, () => {
      test.use({ colorScheme });
      test.afterEach(({ page, baseURL }) => restore(page, baseURL!));

      test("axe finds nothing and nothing scrolls sideways", async ({ page, baseURL }) => {
        const fits = async () => {
          await expectAccessible(page);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        };
        await signIn(page, owner);
        await open(page, baseURL!, width);
        await fill(page, store.url, store.consumerKey, "");
        await save(page).click();
        await expect(field(page, "Consumer secret")).toBeFocused();
        await fits();
        await connect(page);
        await makeKey(page).click();
        await readKey(page);
        await fits();
        await issued(page).getByRole("button", { name: "Done" }).click();
        await newKey(page);
        await page.getByText("How your server signs a token").click();
        await page.getByRole("region", { name: "How your server signs a token" }).scrollIntoViewIfNeeded();
        await fits();
      });
    });
  }
}
