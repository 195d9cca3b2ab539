import { defineConfig } from "@playwright/test";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execFileSync } from "node:child_process";

// The runner loads this file in every worker: what is chosen once is handed on in the environment.
function chosenOnce(name: string, choose: () => string): string {
  return (process.env[name] ??= choose());
}

const freePort = () =>
  execFileSync(process.execPath, [
    "-e",
    "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})",
  ])
    .toString()
    .trim();

const root = resolve(__dirname, "..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const port = chosenOnce("OMNIOPS_E2E_PORT", freePort);
const dataDir = chosenOnce("OMNIOPS_E2E_DATA_DIR", () => mkdtempSync(join(tmpdir(), "omniops-e2e-")));
const binary = process.env.OMNIOPS_BIN ?? join(target, "debug", "omniops");
const chromium = process.env.OMNIOPS_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(binary)) throw new Error(`${binary} is not there: run \`make test\`, or \`cargo build -p omniops-server\``);

export const baseURL = `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: "tests",
  outputDir: join(target, "playwright"),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: false,
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    baseURL,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  webServer: {
    command: `${binary} serve --demo`,
    cwd: root,
    url: `${baseURL}/health/ready`,
    timeout: 240_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
    stdout: "pipe",
    env: {
      OMNIOPS_ADDR: `127.0.0.1:${port}`,
      OMNIOPS_PUBLIC_URL: baseURL,
      OMNIOPS_DATA_DIR: dataDir,
      // Tests let tenants use a scripted provider on this machine.
      OMNIOPS_ALLOW_PRIVATE_HOSTS: "127.0.0.1",
      OMNIOPS_DEMO_EMAIL: "owner@demo.test",
      OMNIOPS_DEMO_PASSWORD: "correct-horse-battery",
      RUST_LOG: process.env.RUST_LOG ?? "warn",
    },
  },
});
