import { expect, live, openConversation, owner, rows, signIn, test } from "../support/test";
import { createSecondTenant, createUser } from "../support/people";

const composer = (page: import("@playwright/test").Page) => page.locator("#composer");
const news = (page: import("@playwright/test").Page) => page.getByRole("region", { name: "Notifications" });

/** What the server says when something broke. */
const broken = {
  status: 500,
  contentType: "application/json",
  body: JSON.stringify({ code: "internal", message: "broken", request_id: "req-1", fields: {}, retry_after: null }),
};

for (const width of [360, 768, 1024, 1280, 1440, 1920]) {
  test(`the conversation's header keeps its parts apart at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await signIn(page);
    await openConversation(page);
    const overlaps = await page.evaluate(() => {
      const name = document.querySelector("section h1")!;
      const actions = document.querySelector("#resolve")!.parentElement!;
      const words = [...name.parentElement!.querySelectorAll("*")].filter((e) => e.getClientRects().length > 0);
      const left = actions.getBoundingClientRect().left;
      return words.filter((e) => e.getBoundingClientRect().right > left).map((e) => e.textContent);
    });
    expect(overlaps).toEqual([]);
    const name = await page.locator("section h1 span").first().boundingBox();
    expect(name?.width, "the name can be read").toBeGreaterThan(60);
    const cut = await page.locator("section h1 + p span").evaluateAll((spans) =>
      spans.filter((span) => span.scrollWidth > span.clientWidth + 1).map((span) => span.textContent),
    );
    expect(cut, "where it stands can be read").toEqual([]);
  });
}

test("resolving can be undone from the news, and opening again takes the news away", async ({ page }) => {
  await signIn(page);
  await openConversation(page);
  const resolve = page.getByRole("button", { name: "Resolve" });
  await resolve.click();
  await expect(page.getByRole("button", { name: "Reopen" })).toBeFocused();
  await news(page).getByRole("button", { name: "Undo" }).click();
  await expect(resolve).toBeVisible();
  await resolve.click();
  await expect(news(page)).toContainText("Conversation resolved");
  await page.getByRole("button", { name: "Reopen" }).click();
  await expect(resolve).toBeVisible();
  await expect(news(page)).not.toContainText("Conversation resolved");
});

test("what the news says never hides the button that sends", async ({ page }) => {
  await signIn(page);
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await openConversation(page);
    await page.getByRole("button", { name: "Resolve" }).click();
    const card = (await news(page).getByRole("status").boundingBox())!;
    const send = (await page.getByRole("button", { name: "Send" }).boundingBox())!;
    const apart = card.x + card.width <= send.x || card.x >= send.x + send.width || card.y + card.height <= send.y || card.y >= send.y + send.height;
    expect(apart, `at ${width} pixels`).toBe(true);
    await news(page).getByRole("button", { name: "Undo" }).click();
  }
});

test.describe("when the server refuses", () => {
  test.use({ expectedNoise: /status of 500|^500 / });

  test("a reply can be sent again or edited, and is never lost", async ({ page }) => {
    await signIn(page);
    await openConversation(page);
    const text = `Refused at ${Date.now()}`;
    await page.route("**/rpc/conversations/send", (route) => route.fulfill(broken));
    await composer(page).fill(text);
    await composer(page).press("Control+Enter");
    const stuck = page.locator("[data-outgoing]");
    await expect(stuck).toContainText("Not sent");
    await expect(news(page).getByRole("alert")).toContainText("req-1");

    await stuck.getByRole("button", { name: "Edit" }).click();
    await expect(composer(page)).toBeFocused();
    await expect(composer(page)).toHaveValue(text);
    await expect(news(page).getByRole("alert"), "what is no longer so is no longer said").toHaveCount(0);

    await composer(page).press("Control+Enter");
    await expect(stuck).toContainText("Not sent");
    await page.unroute("**/rpc/conversations/send");
    await news(page).getByRole("button", { name: "Try again" }).click();
    await expect(stuck).toHaveCount(0);
    await expect(page.getByRole("log").getByText(text)).toHaveCount(1);
    await expect(news(page).getByRole("alert")).toHaveCount(0);
  });

  test("a change is taken back and said so once", async ({ page }) => {
    await signIn(page);
    await openConversation(page);
    await page.route("**/rpc/conversations/patch", (route) => route.fulfill(broken));
    await page.getByRole("button", { name: "Resolve" }).click();
    await expect(news(page).getByRole("alert")).toContainText("The change was undone");
    await expect(news(page)).not.toContainText("Conversation resolved");
    await expect(page.getByRole("button", { name: "Resolve" })).toBeVisible();
  });
});

test.describe("when the session ends in the middle of work", () => {
  test.use({ expectedNoise: /status of 401/ });

  test("the reply waits in its conversation after the log-in", async ({ page }) => {
    await signIn(page);
    await openConversation(page);
    const address = page.url();
    const text = `Not lost at ${Date.now()}`;
    await composer(page).fill(text);
    await page.context().clearCookies();
    await composer(page).press("Control+Enter");
    await page.waitForURL("**/login**");
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Password", { exact: true }).fill(owner.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(address.replace(/\?.*/, "**"));
    await expect(composer(page)).toHaveValue(text);
    await composer(page).press("Control+Enter");
    await expect(page.getByRole("log").getByText(text)).toHaveCount(1);
    await page.reload();
    await live(page);
    await expect(composer(page)).toHaveValue("");
  });
});

test("a reload keeps what was being written, for this conversation only", async ({ page }) => {
  await signIn(page);
  await openConversation(page);
  await composer(page).fill("Half a sentence");
  await page.reload();
  await expect(composer(page)).toHaveValue("Half a sentence");
  await page.goto("/dashboard/conversations?status=resolved");
  await live(page);
  await rows(page).first().click();
  await expect(page.getByRole("log")).toBeVisible();
  await expect(composer(page)).toHaveValue("");
});

test("an analyst reads and cannot answer or change anything", async ({ page }) => {
  await signIn(page, createUser("analyst"));
  await openConversation(page);
  await expect(page.getByText("Your role can read conversations but not answer them.")).toBeVisible();
  await expect(composer(page)).toHaveCount(0);
  for (const name of ["Resolve", "Assign", "Take over", "Hand back"]) {
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  }
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  for (const key of ["e", "a", "r", "n"]) await page.keyboard.press(key);
  await expect(news(page).getByRole("status")).toHaveCount(0);
  expect(requests.filter((url) => url.includes("/patch") || url.includes("/send"))).toEqual([]);
});

test("a user of two workspaces changes between them, also on a phone", async ({ page }) => {
  const user = createUser("agent");
  const name = "Nordlicht Outfitters GmbH & Co. KG, Norderstedt";
  createSecondTenant(name, user);
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, user);
  await live(page);
  const insideTheHeader = async () => {
    const account = (await page.getByRole("button", { name: /^Your account/ }).boundingBox())!;
    expect(account.x + account.width).toBeLessThanOrEqual(360);
  };
  await insideTheHeader();
  const other = await page.context().newPage();
  await other.goto("/dashboard/conversations");
  await expect(rows(other).first()).toBeVisible();
  await live(other);
  await page.getByRole("button", { name: /^Switch workspace/ }).click();
  const menu = (await page.getByRole("menu").boundingBox())!;
  expect(menu.x + menu.width).toBeLessThanOrEqual(360);
  await page.getByRole("menuitemradio", { name: new RegExp(name) }).click();
  await expect(page.getByText("No conversations yet")).toBeVisible();
  // What the other tab showed is not this tenant's any more.
  await expect(other.getByText("No conversations yet")).toBeVisible();
  await other.close();
  await expect(page.getByRole("button", { name: `Switch workspace: ${name}` })).toBeVisible();
  await insideTheHeader();
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false, expectedNoise: /status of 40[14]/ });

  test("one can sign in, and is told when the password is wrong", async ({ page }) => {
    await page.goto("/login?next=/dashboard/conversations%3Fview%3Dunassigned");
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("The e-mail address or the password is wrong.");
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Password", { exact: true }).fill(owner.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/dashboard\/conversations\?view=unassigned$/);
    await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
  });
});

test.describe("in a German browser", () => {
  test.use({ locale: "de-DE" });

  test("the dashboard speaks German and cuts no word of its navigation", async ({ page }) => {
    await page.goto("/login");
    await page.getByLabel("E-Mail").fill(owner.email);
    await page.getByLabel("Passwort", { exact: true }).fill(owner.password);
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.waitForURL("**/dashboard/conversations**");
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page.getByRole("heading", { name: "Posteingang" })).toBeVisible();
    const cut = await page
      .getByRole("navigation")
      .locator("span.truncate")
      .evaluateAll((spans) => spans.filter((span) => span.scrollWidth > span.clientWidth).map((span) => span.textContent));
    expect(cut).toEqual([]);
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("the way back to the list looks like a way, not like the place where one is", async ({ page }) => {
    await signIn(page);
    await openConversation(page);
    const back = page.getByRole("link", { name: "Back to the list" });
    await expect(back).not.toHaveAttribute("aria-current");
    await back.click();
    await expect(rows(page).first()).toBeVisible();
    await expect(page.getByRole("log")).toBeHidden();
  });
});
