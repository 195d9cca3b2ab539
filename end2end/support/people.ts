import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** Runs the program beside the server, over the same data. */
function omniops(args: string[], input?: string) {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const binary = process.env.OMNIOPS_BIN ?? join(target, "debug", "omniops");
  const env = { ...process.env, OMNIOPS_DATA_DIR: process.env.OMNIOPS_E2E_DATA_DIR, RUST_LOG: "warn" };
  return execFileSync(binary, args, { cwd: root, env, input }).toString();
}

let made = 0;

/** Makes a user of the demo tenant who can sign in. */
export function createUser(role: "analyst" | "agent") {
  const user = { email: `${role}-${process.pid}-${++made}@demo.test`, password: "correct-horse-battery" };
  const name = role === "analyst" ? "Nora Lind" : "Toma Weiss";
  omniops(
    ["user", "create", "--tenant", "demo", "--role", role, "--email", user.email, "--name", name, "--password-stdin"],
    user.password,
  );
  return user;
}

/** Gives a tenant one more domain for its widget. */
export function addDomain(host: string, tenant = "demo") {
  omniops(["tenant", "add-domain", "--tenant", tenant, host]);
}

/** Makes an empty tenant in which the user works too. */
export function createSecondTenant(name: string, user: { email: string }) {
  const slug = `second-${process.pid}-${++made}`;
  omniops(["tenant", "create", "--slug", slug, "--name", name]);
  omniops(["user", "join", "--tenant", slug, "--role", "owner", "--email", user.email]);
}

/** Makes a tenant without a domain, and a user who works nowhere else. */
export function createTenantOfItsOwn(name: string) {
  const tenant = `own-${process.pid}-${++made}`;
  omniops(["tenant", "create", "--slug", tenant, "--name", name]);
  const user = { email: `owner@${tenant}.test`, password: "correct-horse-battery" };
  const about = ["--role", "owner", "--email", user.email, "--name", "Mira Holm", "--password-stdin"];
  omniops(["user", "create", "--tenant", tenant, ...about], user.password);
  return { tenant, user };
}
