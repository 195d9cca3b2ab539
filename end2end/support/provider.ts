import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(__dirname, "../..");

/** A provider of language models that answers by script: `end2end/openai-stub`. */
export type Provider = {
  /** Up to and with `/v1`. */
  url: string;
  /** Replaces what it answers. */
  script(script: object): Promise<void>;
  stop(): void;
};

export async function startProvider(): Promise<Provider> {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const child: ChildProcess = spawn(join(target, "debug", "openai-stub"), [], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((found, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`the provider ended with ${code}`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const address = /^listening on (\S+)/.exec(line)?.[1];
      if (address) found(address);
    });
  });
  return {
    url,
    async script(script) {
      const response = await fetch(new URL("/_script", url), { method: "PUT", body: JSON.stringify(script) });
      if (!response.ok) throw new Error(`the provider does not take the script: ${await response.text()}`);
    },
    stop: () => void child.kill("SIGINT"),
  };
}

/** The model's last word in a turn: the tool `reply`. */
export const reply = (text: string, outcome = "answer", sources = [1]) => ({
  parts: [{ tool_call: { name: "reply", arguments: { outcome, sources, text } } }],
});
