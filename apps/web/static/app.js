/* What the script adds to pages that work without it: live regions, drafts, one send per form, shortcuts. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const store = (() => { try { sessionStorage.setItem("xn", "1"); sessionStorage.removeItem("xn"); return sessionStorage; } catch { return null; } })();

  /* Drafts: what is typed into a form survives a reload, a lost connection and an ended session. */
  const person = document.body.dataset.person; // on a shared computer, one person's drafts are not shown to the next
  if (store && person && store.getItem("person") !== person) {
    if (store.getItem("person")) store.clear();
    store.setItem("person", person);
  }
  const nameOf = (form) => `draft ${new URL(form.action, location.href).pathname} ${form.dataset.draft}`;
  const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "once");
  const held = document.querySelector('meta[name="xn-drafts"][content="hold"]') !== null;
  function saveDraft(form) { store?.setItem(nameOf(form), JSON.stringify(fieldsOf(form))); }
  function restoreDraft(form) {
    if (!store || form.dataset.filled !== undefined) return;
    let fields;
    try { fields = JSON.parse(store.getItem(nameOf(form)) ?? "null"); } catch { return; }
    if (!fields) return;
    const left = new Map();
    for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
    for (const input of form.elements) {
      if (!input.name || !left.has(input.name) || input.type === "hidden" || input.type === "file") continue;
      const values = left.get(input.name);
      if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
      else input.value = values.length > 1 ? values.shift() : values[0];
    }
    form.dispatchEvent(new CustomEvent("xn-restored", { bubbles: true }));
  }
  function initForms(root) {
    for (const form of all("form[data-draft]", root)) {
      restoreDraft(form);
      form.addEventListener("input", () => saveDraft(form));
    }
    for (const form of all("form[data-once]", root)) {
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent !== undefined) { event.preventDefault(); return; }
        form.dataset.sent = "";
        if (form.dataset.draft !== undefined) { saveDraft(form); store?.setItem("sent", nameOf(form)); }
        for (const button of all("button:not([type=button])", form)) button.setAttribute("aria-busy", "true");
      });
    }
  }
  for (const form of all('form[action="/sign-out"]')) form.addEventListener("submit", () => store?.clear());
  const sent = store?.getItem("sent");
  if (sent && !held) {
    const back = all("form[data-draft]").some((form) => nameOf(form) === sent);
    if (!back) store.removeItem(sent);
    store.removeItem("sent");
  }
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of all("[aria-busy]", form)) button.removeAttribute("aria-busy");
    }
  });

  /* Live regions: on a hint from the server, elements with data-live and an id are replaced by their new version. */
  const announce = (text) => { const region = document.querySelector(".sr[data-announce]"); if (region && text) region.textContent = text; };
  const connection = document.querySelector("[data-connection]");
  function sessionEnded() {
    const note = document.querySelector("[data-ended]");
    if (note) note.hidden = false;
    if (connection) connection.hidden = true;
  }
  let running = false, again = false;
  async function refresh() {
    if (running) { again = true; return; }
    running = true;
    try {
      const response = await fetch(location.href, { headers: { "X-Requested-With": "xn-live" }, cache: "no-store", redirect: "manual" });
      if (response.type === "opaqueredirect") { sessionEnded(); return; }
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const old of all("[data-live][id]")) {
        const fresh = page.getElementById(old.id);
        if (fresh) for (const open of all("details[open][id]", old)) fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
        if (!fresh || fresh.isEqualNode(old) || old.querySelector("form [data-touched], dialog[open]")) continue;
        const known = new Set(all("[data-row]", old).map((row) => row.dataset.row));
        const checked = new Set(all("input[type=checkbox]:checked", old).map((box) => box.value));
        const focus = old.contains(document.activeElement) ? (document.activeElement.id || document.activeElement.getAttribute("href")) : null;
        const added = all("[data-row]", fresh).filter((row) => !known.has(row.dataset.row));
        if (known.size || old.dataset.live === "list") for (const row of added) row.classList.add("fresh");
        for (const box of all("input[type=checkbox]", fresh)) if (checked.has(box.value)) box.checked = true;
        old.replaceWith(document.adoptNode(fresh));
        initForms(fresh);
        if (focus) (document.getElementById(focus) ?? fresh.querySelector(`[href="${CSS.escape(focus)}"]`))?.focus();
        if (added.length && fresh.dataset.announce) announce(fresh.dataset.announce.replace("%s", added.length));
        fresh.dispatchEvent(new CustomEvent("xn-live", { bubbles: true }));
      }
    } catch { /* the stream says when the server is back */ } finally {
      running = false;
      if (again) { again = false; setTimeout(refresh, 300); }
    }
  }
  const events = document.body.dataset.events;
  if (events) {
    const source = new EventSource(events);
    const away = (is) => { if (connection) connection.hidden = !is; };
    let lost = false;
    source.addEventListener("changed", refresh);
    source.addEventListener("state", (event) => { away(event.data === "away"); if (lost) { lost = false; refresh(); } });
    source.onerror = () => { lost = true; away(true); if (source.readyState === EventSource.CLOSED) refresh(); };
    addEventListener("pagehide", () => source.close());
  }
  for (const form of all("[data-live] form")) form.addEventListener("input", (event) => { event.target.dataset.touched = ""; });

  /* Countdowns: working seconds are counted by the service; between two answers the page only shows the wall clock. */
  const every = Number(document.body.dataset.refresh);
  if (every > 0) setInterval(() => { if (document.visibilityState === "visible") refresh(); }, every * 1000);

  /* Shortcuts: every element with data-key can be reached by it, and the list of them is made of their labels. */
  const on = () => { try { return localStorage.getItem("xn-keys") !== "off"; } catch { return true; } };
  const dialog = document.querySelector("[data-keys-dialog]");
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const usable = (element) => element.offsetParent !== null && !element.disabled;
  function activate(element) { if (element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) element.focus(); else element.click(); }
  function showKeys() {
    const list = dialog.querySelector("[data-keys-list]");
    const rows = new Map([["?", list.dataset.help], ["Esc", list.dataset.close]]);
    if (all("[data-row] a[data-open], a[data-row]").some(usable)) rows.set("j k", list.dataset.rows).set("Enter", list.dataset.open);
    for (const element of all("[data-key]")) if (usable(element) && !dialog.contains(element)) {
      const label = element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.[0]?.textContent.trim();
      if (!rows.has(element.dataset.key)) rows.set(element.dataset.key, label);
    }
    list.replaceChildren(...[...rows].flatMap(([key, label]) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      for (const [n, part] of key.split(" ").entries()) {
        const kbd = document.createElement("kbd");
        kbd.textContent = part.replace("mod+enter", "Ctrl+Enter");
        dt.append(...(n ? [" ", kbd] : [kbd]));
      }
      dd.textContent = label;
      return [dt, dd];
    }));
    dialog.querySelector("[data-keys-on]").checked = on();
    dialog.showModal();
  }
  if (dialog) {
    for (const button of all("[data-keys]")) { button.hidden = false; button.addEventListener("click", showKeys); }
    dialog.querySelector("[data-keys-on]").addEventListener("change", (event) => { try { localStorage.setItem("xn-keys", event.target.checked ? "on" : "off"); } catch { /* not stored */ } });
  }
  let first = "", until = 0;
  function moveRow(step) {
    const rows = all("[data-row] a[data-open], a[data-row]").filter(usable);
    if (!rows.length) return;
    const now = rows.indexOf(document.activeElement);
    rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + step))].focus();
  }
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const button = event.target.closest("form")?.querySelector('[data-key="mod+enter"]');
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || typing(event.target) || !dialog || dialog.open) return;
    if (event.key === "?") { event.preventDefault(); showKeys(); return; }
    if (!on()) return;
    if (event.key === "j" || event.key === "k") { moveRow(event.key === "j" ? 1 : -1); return; }
    const pressed = Date.now() < until ? `${first} ${event.key}` : event.key;
    const found = all("[data-key]").find((element) => element.dataset.key === pressed && usable(element));
    if (found) { event.preventDefault(); first = ""; until = 0; activate(found); return; }
    first = event.key; until = Date.now() + 1500;
  });

  document.querySelector("[data-focus]")?.focus();
  for (const button of all("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }
  for (const button of all("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => { await navigator.clipboard.writeText(button.dataset.copy); announce(button.dataset.copied); });
  }
  for (const box of all("[data-check-all]")) box.addEventListener("change", () => { for (const one of all(`input[name="${box.dataset.checkAll}"]`)) one.checked = box.checked; });
  for (const menu of all("details.menu")) menu.addEventListener("keydown", (event) => { if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } });
  initForms(document);
})();
