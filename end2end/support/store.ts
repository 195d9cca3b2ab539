import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(__dirname, "../..");

/** A store that answers as WooCommerce does: `end2end/woocommerce-stub`. */
export type Store = {
  url: string;
  consumerKey: string;
  consumerSecret: string;
  stop(): void;
};

export async function startStore(): Promise<Store> {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const program = join(target, "debug", "omniops-woocommerce-stub");
  const child: ChildProcess = spawn(program, [], { stdio: ["ignore", "pipe", "inherit"] });
  const [url, consumerKey, consumerSecret] = await new Promise<string[]>((found, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`the store ended with ${code}`)));
    const lines: string[] = [];
    // The address, then each key at the end of its line.
    createInterface({ input: child.stdout! }).on("line", (line) => {
      lines.push(line.split(" ").at(-1)!);
      if (lines.length === 3) found(lines);
    });
  });
  return { url, consumerKey, consumerSecret, stop: () => void child.kill("SIGINT") };
}
