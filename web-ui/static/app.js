// Headgate UI behaviours. One small module, event delegation, no eval, no inline style strings, no framework.
// Everything it adds is an enhancement: every link, form and table works without it.
// @ts-check
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
const root = document.documentElement, W = document.body.dataset;   // texts that this file shows are attributes of the body: the catalogue has them
const say = (msg) => { const el = $("#live"); if (el) { el.textContent = ""; requestAnimationFrame(() => (el.textContent = msg)); } };
function toast(msg) { $(".toast")?.remove(); const t = document.createElement("div"); t.className = "toast"; t.textContent = msg; ($("dialog[open]") ?? document.body).append(t); say(msg); setTimeout(() => t.remove(), 3200); }

/* ---------- theme: the server renders data-theme from a cookie, so there is no flash and no inline script */
function setTheme(v) { root.dataset.theme = v; document.cookie = `hg_theme=${v};path=${W.base || "/"};max-age=31536000;samesite=lax`; say(`${W.tTheme}: ${v}`); $$("[data-theme-set]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeSet === v))); }

/* ---------- clicks */
document.addEventListener("click", async (e) => {
  const t = /** @type {Element} */ (e.target); let el;
  if ((el = t.closest("[data-theme-set]"))) return setTheme(el.dataset.themeSet);
  if ((el = t.closest("[data-theme-cycle]"))) { const order = ["system", "light", "dark"]; return setTheme(order[(order.indexOf(root.dataset.theme || "system") + 1) % 3]); }
  if ((el = t.closest("a[data-drawer]")) && !e.ctrlKey && !e.metaKey && !e.shiftKey && window.htmx) { e.preventDefault(); return void window.htmx.ajax("GET", el.getAttribute("href"), { target: "#drawer", swap: "innerHTML" }); }
  if ((el = t.closest("[data-open]"))) { e.preventDefault(); return openDialog($(el.dataset.open)); }
  if ((el = t.closest("[data-close]"))) { const d = el.closest("dialog"); if (d) { e.preventDefault(); return d.close(); } return; }
  if (t instanceof HTMLDialogElement && !t.hasAttribute("data-sticky")) { const r = t.getBoundingClientRect(); if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) t.close(); }
  if ((el = t.closest("[data-copy]"))) {
    const src = el.dataset.copy === "tab" ? $("[role=tabpanel]:not([hidden])", el.closest(".snip")) : el.dataset.copy.startsWith("#") ? $(el.dataset.copy) : null; const text = src ? (src.dataset.secret ?? src.textContent ?? "").trim() : el.dataset.copy;
    try { await navigator.clipboard.writeText(text); } catch { const ta = document.createElement("textarea"); ta.value = text; document.body.append(ta); ta.select(); document.execCommand("copy"); ta.remove(); }
    const lab = $("span", el); if (lab) { const o = lab.textContent; lab.textContent = W.tCopied; setTimeout(() => (lab.textContent = o), 1600); } return toast(el.dataset.copied ?? W.tCopied);
  }
  if ((el = t.closest("[data-nav-toggle]"))) { const s = $(".side"), open = s?.toggleAttribute("data-shown"); el.setAttribute("aria-expanded", String(!!open)); return; }
  if ((el = t.closest("[role=tab][aria-controls]"))) return pickTab(el);
  if ((el = t.closest("[data-check-all]"))) { $$("tbody input[type=checkbox]", el.closest("table")).forEach((c) => (c.checked = el.checked)); return bulk(); }
  if (t.matches("tbody input[type=checkbox]")) return bulk();
});
function openDialog(d, from) { if (!d || d.open) return; d._from = from ?? document.activeElement; d.showModal(); $("[autofocus]", d)?.focus(); }
document.addEventListener("close", (e) => { const d = e.target; d?._from?.focus?.(); if (d?.hasAttribute?.("data-remove")) d.remove(); }, true);

/* ---------- dialogs that the server sends as fragments open themselves */
document.addEventListener("htmx:after:swap", () => { $$("dialog[data-auto]:not([open])").forEach((d) => { d.removeAttribute("data-auto"); openDialog(d); }); $$("[data-tail]").forEach((b) => { const had = new Set(); for (const r of [...b.rows]) { const at = $("a.name", r)?.getAttribute("href"); if (at && had.size === had.add(at).size) r.remove(); } while (b.rows.length > +b.dataset.tail) b.deleteRow(-1); }); bulk(); ago(); });

/* ---------- tabs (roving tabindex) */
function pickTab(tab) { $$("[role=tab]", tab.closest("[role=tablist]")).forEach((x) => { const on = x === tab; x.setAttribute("aria-selected", String(on)); x.tabIndex = on ? 0 : -1; const p = document.getElementById(x.getAttribute("aria-controls")); if (p) p.hidden = !on; }); }
document.addEventListener("keydown", (e) => { const t = e.target; if (!(t instanceof Element) || !t.matches("[role=tab]")) return; const all = $$("[role=tab]", t.closest("[role=tablist]")); const d = { ArrowRight: 1, ArrowLeft: -1 }[e.key]; if (!d) return; e.preventDefault(); const n = all[(all.indexOf(t) + d + all.length) % all.length]; n.focus(); pickTab(n); });

/* ---------- a whole key in a search is sent as a form, never in an address */
document.addEventListener("input", (e) => { const t = e.target; if (!(t instanceof HTMLInputElement) || !t.dataset.secret || !/^sk-[\w-]{16,}$/.test(t.value.trim())) return; e.stopImmediatePropagation(); const f = $(t.dataset.secret), k = f && $("[name=key]", f); if (!k) return; k.value = t.value.trim(); t.value = ""; f.submit(); }, true);

/* ---------- bulk bar */
function bulk() { const bar = $("[data-bulk]"); if (!bar) return; const n = $$("tbody input[type=checkbox]:checked").length; bar.hidden = n === 0; const c = $("[data-bulk-n]", bar); if (c) c.textContent = `${n} ${W.tSelected}`; }
bulk();

/* ---------- keyboard: shortcuts are declared on the real control with data-key, so there is one source of truth */
let seq = ""; let seqT;
const typing = (t) => t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName) && !["checkbox", "radio"].includes(t.type));
document.addEventListener("keydown", (e) => {
  if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === "k") { e.preventDefault(); return openDialog($("#palette")); }
  if (e.defaultPrevented || e.metaKey || e.ctrlKey || e.altKey || typing(e.target)) return;
  if (root.dataset.shortcuts === "off") return;             // WCAG 2.1.4: single-key shortcuts can be turned off
  const dlg = $("dialog[open]"); if (dlg && !(dlg.matches(".drawer") && "jk".includes(e.key))) return;   // j/k step through rows while the drawer stays open
  if (e.key === "?") { e.preventDefault(); return openHelp(); }
  if (rows(e)) return;
  clearTimeout(seqT); seq = (seq + " " + e.key).trim(); seqT = setTimeout(() => (seq = ""), 900);
  const hit = $$("[data-key]").find((x) => x.dataset.key === seq) ?? $$("[data-key]").find((x) => x.dataset.key === e.key);
  if (hit) { e.preventDefault(); seq = ""; hit.matches("input") ? (hit.focus(), hit.select?.()) : hit.click(); }
});
function rows(e) {
  const body = $("[data-rows]"); if (!body || !["j", "k", "x", "Enter"].includes(e.key)) return false;
  if (e.key === "Enter" && e.target instanceof Element && e.target.closest("a,button,summary,input")) return false;
  const all = [...body.rows]; let i = all.findIndex((r) => r.hasAttribute("data-active"));
  if (e.key === "x" && i >= 0) { const c = $("input[type=checkbox]", all[i]); if (c) { c.checked = !c.checked; bulk(); } return true; }
  if (e.key === "Enter") { if (i < 0) return false; $("a.name, [data-row-open]", all[i])?.click(); return true; }
  if (e.key !== "j" && e.key !== "k") return false;
  i = Math.max(0, Math.min(all.length - 1, i + (e.key === "j" ? 1 : -1))); all.forEach((r, k) => r.toggleAttribute("data-active", k === i));
  const a = $("a.name, [data-row-open], a", all[i]), dr = $("dialog.drawer[open]"); if (dr) { dr.close(); a?.click(); } else a?.focus({ preventScroll: true }); all[i].scrollIntoView({ block: "nearest" }); e.preventDefault(); return true;
}
function openHelp() { const d = $("#help"); const ul = $("[data-help]", d); if (ul && !ul.childElementCount) for (const x of $$("[data-key]")) { const li = document.createElement("li"); li.className = "flex"; const k = document.createElement("span"); k.className = "end flex"; x.dataset.key.split(" ").forEach((c) => { const kb = document.createElement("kbd"); kb.textContent = c; k.append(kb); }); const s = document.createElement("span"); s.textContent = x.dataset.keyLabel ?? x.getAttribute("aria-label") ?? x.textContent.trim().replace(/\s+/g, " "); li.append(s, k); ul.append(li); } openDialog(d); }

/* ---------- command palette: combobox over links already in the page + server search results */
const pal = $("#palette");
if (pal) {
  const inp = $("input", pal), list = $("[role=listbox]", pal); let cur = 0;
  const opts = () => $$("[role=option]:not([hidden])", list);
  const mark = () => { const o = opts(); o.forEach((x, i) => x.setAttribute("aria-selected", String(i === cur))); const a = o[cur]; inp.setAttribute("aria-activedescendant", a?.id ?? ""); a?.scrollIntoView({ block: "nearest" }); };
  const filter = () => { const q = inp.value.toLowerCase().trim(); $$("[role=option]", list).forEach((x) => (x.hidden = !q.split(/\s+/).every((w) => x.textContent.toLowerCase().includes(w)))); $$("[role=group]", list).forEach((g) => (g.hidden = !$("[role=option]:not([hidden])", g))); const none = $("[data-none]", pal); if (none) none.hidden = opts().length > 0; cur = 0; mark(); };
  inp.addEventListener("input", filter); document.addEventListener("htmx:after:swap", () => pal.open && filter());
  pal.addEventListener("keydown", (e) => { const o = opts(); if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); cur = (cur + (e.key === "ArrowDown" ? 1 : -1) + o.length) % o.length; mark(); } if (e.key === "Enter" && o[cur]) { e.preventDefault(); pal.close(); o[cur].dataset.href ? (location.href = o[cur].dataset.href) : $(o[cur].dataset.do)?.click(); } });
  list.addEventListener("click", (e) => { const o = e.target.closest("[role=option]"); if (o) { pal.close(); o.dataset.href ? (location.href = o.dataset.href) : $(o.dataset.do)?.click(); } });
  new MutationObserver(() => { if (pal.open) { inp.value = ""; filter(); } }).observe(pal, { attributeFilter: ["open"] });
}

/* ---------- charts: hover/keyboard crosshair; values come from the chart's own data table */
let tip;
function chartPoint(fig, i) {
  const tbl = $("table", fig), plot = $(".chart-plot", fig), cross = $(".chart-cross", fig); const rs = tbl.tBodies[0].rows; i = Math.max(0, Math.min(rs.length - 1, i)); fig._i = i;
  const heads = [...tbl.tHead.rows[0].cells].map((c) => c.textContent), cells = [...rs[i].cells].map((c) => c.textContent), slots = (fig.dataset.slots ?? "").split(",");
  tip ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip" })); ($("dialog[open]") ?? document.body).append(tip); tip.hidden = false; tip.replaceChildren();
  const b = document.createElement("b"); b.textContent = cells[0]; tip.append(b);
  for (let k = 1; k < heads.length; k++) { if (cells[k] === "—") continue; const r = document.createElement("span"); if (tbl.tHead.rows[0].cells[k].hasAttribute("data-total")) r.className = "tot"; else { const sw = document.createElement("em"); sw.className = `sw s${slots[k - 1]}`; r.append(sw); } const v = document.createElement("i"); v.textContent = cells[k]; r.append(heads[k], v); tip.append(r); }
  const R = plot.getBoundingClientRect(), line = fig.classList.contains("is-line"), w = R.width / (line ? rs.length - 1 : rs.length), x = line ? i * w : i * w + w / 2;
  cross.hidden = false; cross.style.left = `${line ? x - .5 : i * w}px`; cross.style.width = `${line ? 1 : w}px`;
  const tw = tip.offsetWidth; tip.style.left = `${Math.min(innerWidth - tw - 8, R.left + x + (x > R.width / 2 ? -tw - 14 : 14))}px`; tip.style.top = `${Math.max(8, R.top + 6)}px`; return cells.join(", ");
}
function chartOff(fig) { if (tip) tip.hidden = true; const c = $(".chart-cross", fig); if (c) c.hidden = true; }
document.addEventListener("pointermove", (e) => { const plot = e.target instanceof Element && e.target.closest(".chart-plot"); if (!plot) { if (tip && !tip.hidden && !document.activeElement?.matches(".chart-plot")) $$("[data-chart]").forEach(chartOff); return; } const fig = plot.closest("[data-chart]"), R = plot.getBoundingClientRect(), n = $("tbody", fig).rows.length, f = (e.clientX - R.left) / R.width; chartPoint(fig, fig.classList.contains("is-line") ? Math.round(f * (n - 1)) : Math.floor(f * n)); });
document.addEventListener("keydown", (e) => { const p = e.target; if (!(p instanceof Element) || !p.matches(".chart-plot")) return; const fig = p.closest("[data-chart]"), d = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[e.key]; if (e.key === "Escape") return chartOff(fig); if (d === undefined) return; e.preventDefault(); say(chartPoint(fig, (fig._i ?? (d > 0 ? -1 : 1e6)) + d)); });
document.addEventListener("focusout", (e) => { if (e.target instanceof Element && e.target.matches(".chart-plot")) chartOff(e.target.closest("[data-chart]")); });

/* ---------- relative times */
// the phrases are the catalogue's, in the order of figures::spans: now; s, min, h, d for one and for #; then the same ahead
const spans = (W.tSpans ?? "").split("|");
function ago() { const now = Date.now(); $$("time[data-ago]").forEach((t) => { const d = (now - new Date(t.dateTime).getTime()) / 1000, a = Math.abs(d), past = d >= 0; const [n, u] = a < 60 ? [a, 0] : a < 3600 ? [a / 60, 1] : a < 86400 ? [a / 3600, 2] : [a / 86400, 3]; const v = Math.floor(n), said = past && a < 5 ? spans[0] : spans[(past ? 1 : 9) + u * 2 + (v === 1 ? 0 : 1)]; if (said) t.textContent = said.replace("#", String(v)); }); }
setInterval(ago, 30000);

/* ---------- live lists: while one is paused, hovered or focused its rows wait, so nothing moves under the pointer. The stream waits with them; after long it is begun anew where it stopped */
let tailOn = true;
const held = (el) => el.isConnected && (!tailOn || el.matches(":hover, :focus-within"));
function tailState() { const b = $("[data-tail-toggle]"), el = $("[data-tail]"); if (!b || !el) return; const lost = el.dataset.live === "off", waits = "held" in el.dataset; $(".pulse", b)?.classList.toggle("ok", tailOn && !lost && !waits); const l = $("span:not(.pulse)", b); if (l) l.textContent = lost ? b.dataset.lost : !tailOn ? b.dataset.off : waits ? b.dataset.held : b.dataset.on; }
document.addEventListener("htmx:sse:before:message", (e) => { const el = /** @type {HTMLElement} */ (e.target), d = e.detail; if (!el.matches("[data-tail]") || d.message.event || !held(el)) return; const since = Date.now(); el.dataset.held = ""; tailState(); d.waitUntil(new Promise((go) => { const t = setInterval(() => { if (held(el)) return; clearInterval(t); delete el.dataset.held; tailState(); if (Date.now() - since > 30000) d.connection.reader?.cancel(); go(null); }, 200); })); });
for (const [name, live] of [["after:connection", "on"], ["error", "off"], ["close", "off"]]) document.addEventListener(`htmx:sse:${name}`, (e) => { const el = e.target; if (!(el instanceof HTMLElement)) return; el.dataset.live = live; tailState(); if (e.detail.status === 401 && !$("dialog[open]")) location.reload(); });
document.addEventListener("over", (e) => toast(e.detail.data));   // why a stream does not go on
document.addEventListener("click", (e) => { const b = e.target instanceof Element && e.target.closest("[data-tail-toggle]"); if (!b) return; tailOn = b.getAttribute("aria-pressed") !== "true"; b.setAttribute("aria-pressed", String(tailOn)); tailState(); say(tailOn ? W.tLiveOn : W.tLivePaused); });
for (const d of $$("dialog[data-auto]")) { d.removeAttribute("data-auto"); d.removeAttribute("open"); openDialog(d); }   // rendered open for no-JS, upgraded to modal here
setTheme.init = $$("[data-theme-set]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeSet === (root.dataset.theme || "system"))));
