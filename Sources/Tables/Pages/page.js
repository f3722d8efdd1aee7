// What pages do better with script. Each works without; nothing here holds an end tag.
const count = number => number >= 1e7 ? number.toExponential(1) : Math.round(number).toLocaleString("en");

// A query is checked half a second after the last key; only the latest verdict is shown.
const query = document.getElementById("query"), verdict = document.getElementById("check");
if (query && verdict) {
  let timer = 0, latest = 0;
  const show = answer => {
    verdict.className = answer.valid ? "note" : "fault";
    verdict.textContent = answer.valid
      ? [`${answer.columns.length} columns, about ${count(answer.rows)} rows`, ...answer.warnings].join("\n")
      : answer.errors.map(error => (error.line ? `${error.line}:${error.column} ` : "") + error.message + (error.hint ? "; " + error.hint : "")).join("\n");
  };
  const check = async () => {
    const mine = ++latest;
    try {
      const response = await fetch(verdict.dataset.check, { method: "POST", body: new URLSearchParams({ LANG: "ADQL", QUERY: query.value }) });
      const answer = response.ok ? await response.json() : null;
      if (mine === latest) { if (answer) show(answer); else verdict.textContent = ""; }
    } catch { if (mine === latest) verdict.textContent = ""; }
  };
  query.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 500); });
  query.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); query.form.requestSubmit(); }
  });
  if ("given" in query.dataset) check();
}

// Rows of a table are marked: how many, all of them, and a stretch of them with the shift key.
for (const form of document.querySelectorAll("form[data-marks]")) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const told = form.querySelector("[data-count]"), buttons = form.querySelectorAll("button[data-needs-marks]");
  const all = form.querySelector("input[data-all]");
  let last = null;
  const tell = () => {
    const marked = boxes.filter(box => box.checked).length;
    if (told) told.textContent = marked === 1 ? "1 row marked" : `${marked.toLocaleString("en")} rows marked`;
    for (const button of buttons) button.disabled = marked === 0;
    if (all) { all.checked = marked > 0 && marked === boxes.length; all.indeterminate = marked > 0 && marked < boxes.length; }
  };
  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; tell(); });
  }
  form.addEventListener("click", event => {
    const place = boxes.indexOf(event.target);
    if (place < 0) return;
    if (event.shiftKey && last !== null) {
      for (let next = Math.min(last, place); next <= Math.max(last, place); next++) boxes[next].checked = event.target.checked;
    }
    last = place;
    tell();
  });
  addEventListener("pageshow", tell);
  tell();
}

// What is not finished is looked at again, without a flash of the page.
const watch = async () => {
  const main = document.querySelector("main[data-refresh]");
  if (!main) return;
  await new Promise(resolve => setTimeout(resolve, 1000 * Number(main.dataset.refresh)));
  try {
    if (!document.hidden) {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      const next = fresh.querySelector("main");
      const held = document.activeElement?.id;
      if (next && response.ok) {
        main.replaceWith(document.adoptNode(next));
        document.title = fresh.title;
        if (held) document.getElementById(held)?.focus();
      }
    }
  } catch { /* The next look may find the server again. */ }
  watch();
};
watch();

// Texts to be taken elsewhere get a button that copies them.
for (const source of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  source.after(button);
}
