import { ask, expect, live, messageInput, openWidget, rows, signIn, test, transcript } from "../support/test";

test("each side sees the other typing, and messages count as unread until they are read", async ({ page, agentPage }) => {
  await signIn(agentPage);
  await live(agentPage);
  await page.goto("/demo/contact.html");
  const input = await openWidget(page);
  const question = `Where is my parcel ${Date.now()}?`;
  await ask(page, question);

  const row = rows(agentPage).first();
  await expect(row).toContainText("1 unread message");
  await row.click();
  await expect(agentPage.getByRole("log")).toContainText(question);
  await expect(row).not.toContainText("unread");

  await input.pressSequentially("Hel", { delay: 50 });
  await expect(agentPage.getByText(/is typing…/)).toBeVisible();
  await input.fill("");

  await agentPage.getByRole("button", { name: "Take over" }).click();
  await expect(transcript(page)).toContainText("took over");
  await agentPage.locator("#composer").pressSequentially("It is", { delay: 50 });
  await expect(page.getByText(/is typing/)).toBeVisible();

  await page.keyboard.press("Escape");
  await expect(messageInput(page)).toBeHidden();
  await agentPage.locator("#composer").fill("It is in Linz and arrives tomorrow.");
  await agentPage.keyboard.press("Control+Enter");
  const launcher = page.getByRole("button", { name: /chat \(1 unread\)/i });
  await expect(launcher).toBeVisible();
  await launcher.click();
  await expect(transcript(page)).toContainText("It is in Linz");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Open chat", exact: true })).toBeVisible();

  // Handed back, the AI answers again.
  await agentPage.getByRole("button", { name: "Hand back" }).click();
  await expect(agentPage.getByRole("button", { name: "Take over" })).toBeVisible();
  await openWidget(page);
  await ask(page, "Which payment methods do you take?");
  await expect(transcript(page).locator("article:not([data-arriving]) .badge")).toHaveCount(2, { timeout: 20_000 });
});

test("what was resolved and undone leaves nothing in the customer's panel", async ({ page, agentPage }) => {
  await signIn(agentPage);
  await live(agentPage);
  await page.goto("/demo/contact.html");
  await openWidget(page);
  const question = `Do you ship to Austria ${Date.now()}?`;
  await ask(page, question);
  await expect(transcript(page).locator("article")).toHaveCount(2, { timeout: 20_000 });
  await rows(agentPage).first().click();
  await expect(agentPage.getByRole("log")).toContainText(question);
  const before = await transcript(page).innerText();

  await agentPage.getByRole("button", { name: "Resolve" }).click();
  const closed = page.getByText("This conversation is closed.");
  await expect(closed).toBeVisible();
  await agentPage.getByRole("region", { name: "Notifications" }).getByRole("button", { name: "Undo" }).click();
  await expect(closed).toBeHidden();
  expect(await transcript(page).innerText()).toBe(before);
});

test.describe("when the connection of the inbox is lost", () => {
  test.use({ expectedNoise: /ERR_FAILED/ });

  test("the page says so, and shows what it missed once it is back", async ({ page, agentPage }) => {
    await signIn(agentPage);
    await live(agentPage);
    await agentPage.route("**/api/dashboard/events*", (route) => route.abort());
    await agentPage.reload();
    await expect(agentPage.getByText("Reconnecting")).toBeVisible();

    await page.goto("/demo/contact.html");
    await openWidget(page);
    const question = `Are you open on Sundays ${Date.now()}?`;
    await ask(page, question);
    await expect(transcript(page).locator("article")).toHaveCount(2, { timeout: 20_000 });

    await agentPage.unroute("**/api/dashboard/events*");
    await expect(agentPage.locator("[data-connection=live]")).toBeAttached({ timeout: 45_000 });
    await rows(agentPage).first().click();
    await expect(agentPage.getByRole("log")).toContainText(question);
  });
});
