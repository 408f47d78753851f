/* What the script adds to the public pages: questions of the chosen category, uploads while the form is filled in,
   faults at once beside their fields, and words instead of a browser's error when the connection is lost. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const store = (() => { try { return sessionStorage; } catch { return null; } })();
  const FILES = "xn-files";
  const made = (tag, properties = {}, ...children) => { const element = Object.assign(document.createElement(tag), properties); element.append(...children); return element; };

  /* Questions of the category, and fields of the way to be told. */
  const complaint = one('form[action="/complain"]');
  function showQuestions() {
    const category = complaint.elements.asked.value = complaint.elements.category.value;
    for (const each of all("fieldset[data-category]", complaint)) each.hidden = each.disabled = each.dataset.category !== category;
  }
  function showContact() {
    const told = complaint.elements.told.value;
    one("[data-contact]", complaint).hidden = told === "none" || told === "";
    for (const way of all("[data-way]", complaint)) {
      way.hidden = way.dataset.way !== told;
      for (const input of all("input", way)) input.required = !way.hidden;
    }
  }
  function initFind() {
    const box = one("[data-find]", complaint), input = one("input", box), result = one(".found", box), select = complaint.elements.category;
    const options = [...select.options].filter((option) => option.value).map((option) => [option.text.trim(), option.value]);
    box.hidden = false;
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      const found = words.length ? options.filter(([text]) => words.every((word) => text.toLowerCase().includes(word))).slice(0, 8) : [];
      const buttons = found.map(([text, value]) => {
        const button = made("button", { type: "button", className: "small", textContent: text });
        button.addEventListener("click", () => { select.value = value; input.value = ""; result.replaceChildren(); select.dispatchEvent(new Event("input", { bubbles: true })); select.focus(); });
        return button;
      });
      result.replaceChildren(...(words.length && !buttons.length ? [result.dataset.none] : buttons));
    });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); one("button", result)?.click(); } });
  }
  if (complaint) {
    initFind();
    for (const event of ["input", "change", "xn-restored"]) complaint.addEventListener(event, () => { showQuestions(); showContact(); });
    showQuestions();
    showContact();
  }

  /* Files: each is stored when it is chosen, and stays over a reload. */
  const pending = new Set();
  const saveFiles = (list) => store?.setItem(FILES, JSON.stringify(all("input[name=stored]", list).filter((input) => input.type === "hidden" || input.checked).map((input) => input.value)));
  function addStored(box, list, value, name, preview) {
    const remove = made("button", { type: "button", className: "small", textContent: box.dataset.remove });
    remove.setAttribute("aria-label", `${box.dataset.remove} ${name}`);
    const item = made("li", {}, ...(preview ? [preview] : []), made("span", {}, name, " ", made("small", { textContent: box.dataset.done })), made("input", { type: "hidden", name: "stored", value }), remove);
    remove.addEventListener("click", () => { item.remove(); saveFiles(list); one("input[type=file]", box).focus(); });
    list.append(item);
  }
  const fault = (list, text) => list.append(made("li", { className: "fault", textContent: text }));
  async function upload(box, list, file) {
    const waiting = made("li", { textContent: box.dataset.sending.replace("%s", file.name) });
    list.append(waiting);
    const body = new FormData();
    body.append("attachments", file);
    try {
      const response = await fetch(box.dataset.files, { method: "POST", body });
      const answer = await response.json().catch(() => ({}));
      waiting.remove();
      if (!response.ok) { fault(list, answer.fault ? (answer.fault.startsWith(file.name) ? answer.fault : `${file.name}: ${answer.fault}`) : box.dataset.lost.replace("%s", file.name)); return; }
      const preview = file.type.startsWith("image/") && !/hei[cf]/.test(file.type) ? made("img", { alt: "", src: URL.createObjectURL(file) }) : null;
      addStored(box, list, answer.value, answer.name, preview);
      saveFiles(list);
    } catch { waiting.remove(); fault(list, box.dataset.lost.replace("%s", file.name)); }
  }
  for (const box of all("[data-files]")) {
    const list = one("[data-list]", box), input = one("input[type=file]", box);
    if (box.dataset.files && !one("form[data-filled]")) {
      for (const value of JSON.parse(store?.getItem(FILES) ?? "[]")) addStored(box, list, value, value.slice(33) || "…", null);
    } else if (box.dataset.files) list.addEventListener("change", () => saveFiles(list));
    input.addEventListener("change", () => {
      for (const old of all("li.fault", list)) old.remove();
      const files = [...input.files], large = files.filter((file) => file.size > Number(box.dataset.mostBytes)), good = files.filter((file) => !large.includes(file));
      for (const file of large) fault(list, box.dataset.large.replace("%s", file.name));
      if (box.dataset.files) {
        input.value = "";
        const work = good.reduce((before, file) => before.then(() => upload(box, list, file)), Promise.resolve());
        pending.add(work);
        work.finally(() => pending.delete(work));
      } else if (large.length) {
        const rest = new DataTransfer();
        for (const file of good) rest.items.add(file);
        input.files = rest.files;
      }
    });
  }
  if (one(".receipt")) store?.removeItem(FILES);

  /* Before a form is sent: what is missing is marked beside its field, and the server must be within reach. */
  const labelOf = (input) => ((["radio", "checkbox"].includes(input.type) ? input.closest("fieldset")?.querySelector("legend") : null) ?? input.labels?.[0])?.firstChild.textContent.trim() ?? input.name;
  function unmark(field) {
    for (const note of all("p.fault[data-script]", field)) note.remove();
    field.classList.remove("wrong");
    delete field.dataset.script;
    for (const input of all("[data-marked]", field)) {
      input.removeAttribute("aria-invalid");
      if (input.dataset.marked) input.setAttribute("aria-describedby", input.dataset.marked); else input.removeAttribute("aria-describedby");
      delete input.dataset.marked;
    }
  }
  function mark(input, text) {
    const field = input.closest(".field"), id = `${input.name}-fault-now`;
    field.classList.add("wrong");
    field.dataset.script = "";
    const note = made("p", { className: "fault", id, textContent: text });
    note.dataset.script = "";
    (one("label, legend", field)).after(note);
    input.dataset.marked = input.getAttribute("aria-describedby") ?? "";
    input.setAttribute("aria-describedby", `${id} ${input.dataset.marked}`.trim());
    input.setAttribute("aria-invalid", "true");
  }
  function check(form) {
    for (const field of all(".wrong[data-script]", form)) unmark(field);
    const marked = new Map();
    for (const input of form.elements) {
      if (!input.willValidate || marked.has(input.name) || input.closest("[hidden]") || input.type === "button" || input.tagName === "BUTTON") continue;
      const empty = input.validity.valueMissing || (input.required && typeof input.value === "string" && !input.value.trim());
      if (!empty && input.validity.valid) continue;
      marked.set(input.name, input);
      mark(input, form.dataset[empty ? "missing" : "wrong"].replace("%s", labelOf(input)));
    }
    const first = marked.values().next().value;
    if (first) { first.closest("details:not([open])")?.setAttribute("open", ""); first.focus(); }
    return !first;
  }
  async function reachable() {
    try {
      return (await fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout(8000) })).ok;
    } catch { return false; }
  }
  for (const form of all("form[data-check]")) form.addEventListener("input", (event) => { const field = event.target.closest(".wrong[data-script]"); if (field) unmark(field); });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-check]")) return;
    if (form.dataset.passed !== undefined) { delete form.dataset.passed; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.checking !== undefined || form.dataset.sent !== undefined || !check(form)) return;
    form.dataset.checking = "";
    const problem = one("[data-problem]", form), button = event.submitter;
    problem.hidden = true;
    button?.setAttribute("aria-busy", "true");
    await Promise.allSettled([...pending]);
    const there = await reachable();
    delete form.dataset.checking;
    button?.removeAttribute("aria-busy");
    if (there) { form.dataset.passed = ""; form.requestSubmit(button); return; }
    problem.textContent = form.dataset.offline;
    problem.hidden = false;
    problem.scrollIntoView({ block: "center" });
  }, true);

  for (const button of all("[data-copy-receipt]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const lines = [[button.dataset.labelNumber, one("[data-number]")], [button.dataset.labelCode, one("[data-code]")]];
      await navigator.clipboard.writeText(lines.filter(([, element]) => element).map(([label, element]) => `${label}: ${element.textContent}`).join("\n"));
      one("[data-announce]").textContent = button.textContent = button.dataset.copied;
    });
  }
})();
