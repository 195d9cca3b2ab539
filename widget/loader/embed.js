/*
 * Draws the launcher and, once the visitor shows intent, brings the panel. Until then: no request but this file, no
 * wasm, nothing stored. The build replaces __PANEL_JS__ and __PANEL_WASM__ by the names of the panel's files; the
 * server replaces __OMNIOPS_FLAGS__ by what the tenant set, or null when it does not know the domain.
 */
(() => {
  const w = window;
  const d = document;
  if (w.OmniOps && w.OmniOps.loaded) return;

  const script = d.currentScript || d.querySelector('script[src*="/embed.js?"]');
  const source = new URL(script.src);
  const domain = source.searchParams.get("domain") || location.host;
  // In the iframe page of our own origin the same loader shows the panel and nothing else.
  const inFrame = source.searchParams.has("frame");
  const flags = __OMNIOPS_FLAGS__;
  const locale = d.documentElement.lang || navigator.language || "en";
  const german = /^de/i.test(locale);

  const queue = (w.OmniOps && w.OmniOps.q) || [];
  const listeners = {};
  const api = (w.OmniOps = (command, ...rest) => commands[command]?.(...rest));
  api.loaded = 1;

  if (!flags) {
    console.warn("OmniOps: no widget is set up for " + domain);
    return;
  }

  // In the iframe: the page around it, the only one that is spoken to. One that the tenant does not allow gets nothing.
  const around = inFrame && new URL(location).searchParams.get("origin");
  if (inFrame && around != location.origin && !flags.origins.includes(around)) return;

  let isOpen = false;
  let failed = false;
  let panel; // the promise of something with open(focus), close() and resume()
  let page = location.href;
  let full = () => matchMedia("(max-width:480px)").matches;

  const emit = (name, detail) => {
    if (name == "unread") showUnread(detail);
    if (inFrame) parent.postMessage({ omniops: name, detail }, around);
    for (const listener of listeners[name] || []) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  };

  /* ---- What is seen ---- */

  const make = (tag, className, into) => {
    const element = d.createElement(tag);
    element.className = className;
    into?.append(element);
    return element;
  };

  const host = d.createElement("omniops-widget");
  const root = host.attachShadow({ mode: "open" });
  const style = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  };
  const side = flags.position == "bottom_left" ? "left" : "right";
  style(
    ":host{all:initial!important;color-scheme:light dark!important}" +
      "*{box-sizing:border-box}[hidden]{display:none!important}" +
      ".launcher,.box{position:fixed;z-index:2147483000}" +
      `.launcher{${side}:max(20px,env(safe-area-inset-${side}));bottom:max(20px,env(safe-area-inset-bottom));width:56px;height:56px;` +
      `padding:0;border:0;border-radius:50%;cursor:pointer;background:${flags.accent || "#1f2937"};color:${flags.onAccent || "#fff"};` +
      "box-shadow:0 2px 6px #0003,0 8px 24px #0003;transition:transform .16s}" +
      ".launcher:hover{transform:scale(1.05)}.launcher:active{transform:scale(.96)}" +
      ".launcher:focus-visible{outline:3px solid;outline-offset:-6px}" +
      "svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;display:block;margin:auto}" +
      ".launcher[aria-busy=true] svg{animation:pulse 1s .2s infinite}@keyframes pulse{50%{opacity:.35}}" +
      ".launcher span{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;border:2px solid #fff;" +
      "background:#c81e1e;color:#fff;font:600 12px/18px system-ui,sans-serif;text-align:center}" +
      `.box{${side}:20px;bottom:88px;width:400px;height:min(680px,100dvh - 108px);border-radius:16px;overflow:hidden;` +
      "box-shadow:0 0 0 1px #0000000f,0 4px 12px #0000001a,0 20px 48px #00000033;animation:rise .18s ease-out}" +
      "@keyframes rise{from{opacity:0;transform:translateY(12px)}}" +
      "iframe{width:100%;height:100%;border:0;display:block}" +
      "@media(max-width:480px){.box{inset:0;width:100%;height:100dvh;border-radius:0}.box:not([hidden])~.launcher{display:none}}" +
      ".box.alone{inset:0;width:100%;height:100%;border-radius:0;box-shadow:none;animation:none}" +
      "@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}" +
      "@media print{.launcher,.box{display:none}}",
  );

  const box = make("div", "box", root);
  box.hidden = true;
  const launcher = make("button", "launcher", root);
  launcher.type = "button";
  launcher.setAttribute("aria-haspopup", "dialog");
  const svg = d.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = d.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.append(path);
  launcher.append(svg);
  const badge = make("span", "", launcher);

  let unread = 0;
  const drawLauncher = () => {
    path.setAttribute("d", isOpen ? "M6 9l6 6 6-6" : "M21 11.5a8.5 8.5 0 0 1-12.4 7.6L3.5 20.5l1.4-5.1A8.5 8.5 0 1 1 21 11.5z");
    const words = isOpen
      ? (german ? "Chat schließen" : "Close chat")
      : failed
        ? (german ? "Chat nicht erreichbar, noch einmal versuchen" : "Chat cannot be reached, try again")
        : (german ? "Chat öffnen" : "Open chat");
    launcher.title = failed ? words : "";
    launcher.setAttribute("aria-label", unread ? `${words} (${unread} ${german ? "ungelesen" : "unread"})` : words);
    launcher.setAttribute("aria-expanded", isOpen);
    badge.hidden = isOpen || !(unread || failed);
    badge.textContent = failed ? "!" : unread > 9 ? "9+" : unread;
  };
  const showUnread = (count) => {
    unread = count;
    drawLauncher();
  };

  /* ---- The panel: in the page, or in an iframe where the page's policy forbids that ---- */

  const link = { emit, style, full: () => full(), page: () => (inFrame ? page : location.href), close: () => close() };

  // Whether the page's content security policy stopped us. Of what it blocks the browser tells a moment later.
  let forbidden = false;
  d.addEventListener("securitypolicyviolation", ({ blockedURI, disposition }) => {
    if (disposition == "enforce" && blockedURI.startsWith(source.origin)) forbidden = true;
  });

  const inPage = async (attempt) => {
    try {
      // Throws where the policy forbids wasm: quicker than loading it in vain.
      new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch (error) {
      forbidden = true;
      throw error;
    }
    // Browsers remember a script that could not be loaded: another attempt needs another address.
    const glue = await import(new URL("/widget/" + __PANEL_JS__ + (attempt ? "?" + attempt : ""), source));
    await glue.default({ module_or_path: new URL("/widget/" + __PANEL_WASM__, source) });
    glue.start(box, link, source.origin, domain, locale);
    return glue;
  };

  const key = "omniops:" + domain;
  const keep = (live) => {
    try {
      if (live) localStorage.setItem(key, '{"live":true}');
      else localStorage.removeItem(key);
    } catch {
      // Storage is blocked: nothing is remembered.
    }
  };

  const framed = () =>
    new Promise((resolve, reject) => {
      const frame = make("iframe", "");
      frame.title = "Chat";
      frame.src = `${source.origin}/widget/frame?${new URLSearchParams({ domain, lang: locale, origin: location.origin })}`;
      const tell = (command, more) =>
        frame.contentWindow.postMessage({ omniops: command, page: location.href, full: full(), ...more }, source.origin);
      const giveUp = () => {
        frame.remove();
        reject(new Error("the chat could not be loaded"));
      };
      let timer = setTimeout(giveUp, 20000);
      w.addEventListener("message", ({ source: sender, origin, data }) => {
        if (sender != frame.contentWindow || origin != source.origin || !data?.omniops) return;
        if (data.omniops == "started") {
          timer = clearTimeout(timer);
          resolve({
            open: (focus) => {
              if (focus) frame.focus();
              tell("open", { focus });
            },
            close: () => tell("close"),
            resume: () => tell("resume"),
          });
        } else if (timer && data.omniops == "error") giveUp();
        else if (data.omniops == "close") close();
        else if (data.omniops != "live") emit(data.omniops, data.detail);
        // The iframe's own storage is another one: this page's next load must know that a conversation is under way.
        else if (origin != location.origin) keep(data.detail);
      });
      // The focus goes into the iframe before anything is written there: time to say which page this is by now.
      w.addEventListener("blur", () => panel && frame.isConnected && tell("page"));
      box.append(frame);
    });

  const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));

  // Where the policy forbids the panel in the page it comes in an iframe; where the network failed it is tried again.
  const bring = async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await inPage(attempt);
      } catch (error) {
        await pause(50);
        const useFrame = forbidden || error instanceof WebAssembly.CompileError;
        if (useFrame && !inFrame) return framed();
        if (useFrame || attempt == 2) throw error;
        await pause(500 * 4 ** attempt);
      }
    }
  };

  const load = () => {
    if (!panel) {
      panel = bring();
      panel.catch((error) => {
        panel = 0;
        emit("error", String(error));
      });
    }
    return panel;
  };

  /* ---- Open and close ---- */

  const open = async (focus = true) => {
    if (isOpen) return;
    isOpen = true;
    failed = false;
    launcher.setAttribute("aria-busy", true);
    try {
      const loaded = await load();
      if (!isOpen) return;
      box.hidden = false;
      drawLauncher();
      loaded.open(focus);
      emit("open");
    } catch {
      isOpen = false;
      failed = true;
    } finally {
      launcher.removeAttribute("aria-busy");
      drawLauncher();
    }
  };

  const close = () => {
    if (!isOpen) return;
    const hadFocus = root.activeElement;
    isOpen = false;
    if (!inFrame) box.hidden = true;
    drawLauncher();
    panel?.then((loaded) => loaded.close());
    if (hadFocus) launcher.focus();
    emit("close");
  };

  const commands = {
    open: () => open(),
    close,
    toggle: () => (isOpen ? close() : open()),
    on: (name, listener) => (listeners[name] ||= []).push(listener),
  };

  launcher.onclick = commands.toggle;
  launcher.onpointerenter = launcher.onfocus = () => load().catch(() => {});
  host.addEventListener("keydown", (event) => {
    if (event.key == "Escape" && !inFrame) close();
  });

  /* ---- Into the page ---- */

  const attach = () => {
    if (!host.isConnected) d.body.append(host);
  };

  const begin = () => {
    drawLauncher();
    attach();
    // Frameworks that replace the body on navigation would take the widget with it.
    new MutationObserver(attach).observe(d.documentElement, { childList: true });
    queue.forEach((call) => api(...call));
    if (inFrame) {
      box.className += " alone";
      box.hidden = false;
      launcher.hidden = true;
      w.addEventListener("message", ({ source: sender, origin, data }) => {
        if (sender != parent || origin != around || !data?.omniops) return;
        page = data.page;
        full = () => data.full;
        const command = data.omniops;
        if (command == "open") open(data.focus);
        if (command == "close") close();
        if (command == "resume") load().then((loaded) => loaded.resume());
      });
      load().then(() => parent.postMessage({ omniops: "started" }, around), () => {});
      return;
    }
    let isLive;
    try {
      isLive = /"live":true/.test(localStorage.getItem(key));
    } catch {
      // Storage is blocked: nothing is remembered.
    }
    // A conversation is under way, so replies must show up here too.
    if (isLive) setTimeout(() => load().then((loaded) => loaded.resume(), () => {}), 500);
    if (flags.autoOpen != null) setTimeout(() => open(false), flags.autoOpen * 1000);
  };

  if (d.body) begin();
  else d.addEventListener("DOMContentLoaded", begin);
})();
