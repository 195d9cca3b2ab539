import { ask, expect, openWidget, signIn, test, transcript } from "../support/test";

// The whole story of the product, on the real path: nothing between the two browsers is faked.
test("a customer asks, reads a sourced answer, asks for a person and gets an agent's reply", async ({ page, agentPage }) => {
  await signIn(agentPage);

  await page.goto("/demo/shipping.html");
  await openWidget(page);
  await expect(page.getByText(/AI/).first()).toBeVisible();

  const question = "What does express delivery cost?";
  await ask(page, question);

  // The newest activity is on top.
  const row = agentPage.getByRole("region", { name: "Conversations" }).getByRole("link").first();
  await test.step("the agent sees the conversation appear", async () => {
    await agentPage.getByRole("link", { name: /^All/ }).first().click();
    await expect(row).toContainText(/express delivery/i);
  });

  await test.step("the answer quotes the shop's page and links to it", async () => {
    await expect(transcript(page)).toContainText("€14.90", { timeout: 20_000 });
    const source = page.getByRole("link", { name: /Shipping/ }).last();
    await expect(source).toHaveAttribute("href", /\/demo\/shipping\.html/);
  });

  await test.step("the customer asks for a person", async () => {
    await page.getByRole("button", { name: /talk to a person/i }).click();
    await expect(transcript(page)).toContainText(/person|team/i);
  });

  await test.step("the agent opens it and replies", async () => {
    await row.click();
    await expect(agentPage.getByRole("log")).toContainText(question);
    await agentPage.getByRole("textbox", { name: /reply/i }).fill("Hello, Ana here. Express leaves today if you order before 14:00.");
    await agentPage.getByRole("button", { name: /^Send/ }).click();
  });

  await test.step("the reply arrives in the widget", async () => {
    await expect(transcript(page)).toContainText("Ana here. Express leaves today");
  });
});
