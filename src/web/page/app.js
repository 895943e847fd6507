"use strict";
// The page for people. No framework, nothing from anywhere else, and no markup made of data: every word from a file, a
// transcript or a model becomes a text node. Server state comes from GET /api/v1/items and is kept up to date by events.
(() => {
  const UPLOADS_AT_ONCE = 2;
  const POLL_MS = 10000;
  const LOOK_MS = 20000;
  const ANSWER_MS = 15000;
  const PAGE_SIZE = 50;
  const UNSURE = 0.5;  // a memory of less confidence is called uncertain

  const $ = (id) => document.getElementById(id);

  /** An element with properties (class, on..., attributes) and children (nodes or text). */
  function el(tag, props, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "class") node.className = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  // ---- words ---------------------------------------------------------------------------------------------------------

  const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

  function bytes(count) {
    for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
      if (count >= size) return number.format(count / size) + " " + unit;
    }
    return count + " bytes";
  }
  function duration(seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return s + " s";
    if (s < 3600) return Math.floor(s / 60) + " min " + (s % 60) + " s";
    return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
  }
  function position(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const rest = String(Math.floor((s % 3600) / 60)).padStart(2, "0") + ":" + String(s % 60).padStart(2, "0");
    return s >= 3600 ? Math.floor(s / 3600) + ":" + rest : rest;
  }
  const percent = (fraction) => Math.round(fraction * 100) + " %";
  const plain = (name) => name.replace(/[_-]+/g, " ").replace(/^./, (first) => first.toUpperCase());

  const ICONS = { pending: "○", processing: "◐", completed: "✓", failed: "✕", cancelled: "–", retrying: "↻" };

  function stageOf(item) {
    return item.stages.find((stage) => stage.name === item.stage);
  }
  function look(item) {
    const waitsToRetry = item.status === "pending" && item.error && !item.held_for;
    return waitsToRetry ? "retrying" : item.status;
  }
  function stateWord(item) {
    const stage = stageOf(item);
    switch (look(item)) {
      case "completed": return "Completed";
      case "failed": return item.discarded ? "Given up" : stage ? "Failed · " + stage.title : "Failed";
      case "cancelled": return "Cancelled";
      case "processing": return item.cancel_requested ? "Stopping" : stage ? stage.title : "Processing";
      case "retrying": return "Trying again";
      default: return item.held_for ? "Waiting for a part" : "Waiting";
    }
  }
  function stepWord(item) {
    const at = item.stages.findIndex((stage) => stage.name === item.stage);
    return at < 0 ? "" : "step " + (at + 1) + " of " + item.stages.length;
  }

  const helpTexts = new Map();
  function helpText(code) {
    if (!helpTexts.has(code)) {
      helpTexts.set(code, null);
      ask("GET", "/problems/" + encodeURIComponent(code)).then((help) => {
        helpTexts.set(code, help.message + " " + help.what_to_do);
        render();
      }, () => helpTexts.delete(code));
    }
    return helpTexts.get(code) || "It waits for a part of the server that is away, and goes on by itself.";
  }

  function gone(item) { return Boolean(item.retention && item.retention.file_gone_at); }
  /** Whether a retry from where it stopped can find what it needs. */
  function canRetry(item) {
    return !item.discarded && (item.status === "failed" || item.status === "cancelled") && !gone(item);
  }

  /** Until when what is kept, and what is gone, in plain words. */
  function keptWords(item) {
    const kept = item.retention || {};
    const day = (time) => moment.format(new Date(time));
    return [
      kept.file_gone_at ? "The file was deleted on " + day(kept.file_gone_at) + "." : "",
      kept.file_until ? "The file is kept until " + day(kept.file_until) + "." : "",
      kept.results_gone_at ? "The transcript was deleted on " + day(kept.results_gone_at) + "." : "",
      kept.results_until ? "What was made of it is kept until " + day(kept.results_until) + "." : "",
    ].filter(Boolean).join(" ");
  }

  /** One sentence: what is safe, what happens, what happens next. */
  function sentence(item) {
    const message = item.messages.length ? item.messages[item.messages.length - 1] : "";
    switch (look(item)) {
      case "completed": {
        const warned = item.stages.some((stage) => stage.warnings.length);
        return (item.downshift ? "Ready, but done in a lesser way." : "Ready.") + (warned ? " With remarks." : "");
      }
      case "failed":
        if (item.discarded) return "Given up by the operator: " + item.discarded;
        return item.error ? item.error.message : gone(item) ? "It cannot be tried again." : "Your file is safe.";
      case "cancelled": return gone(item) ? "Cancelled." : "Cancelled. The file is kept.";
      case "processing": return item.cancel_requested ? "Work on it ends soon." : message;
      case "retrying": {
        const wait = item.ready_at ? (Date.parse(item.ready_at) - Date.now()) / 1000 : 0;
        return message || item.error.message + (wait > 1 ? " Trying again in about " + duration(wait) + "." : " Trying again.");
      }
      default: return item.held_for ? helpText(item.held_for) : message || "Saved. It waits for its turn.";
    }
  }

  let spokenAt = 0;
  function say(text, urgent) {
    const now = Date.now();
    if (!urgent && now - spokenAt < 3000) return;
    spokenAt = now;
    $(urgent ? "urgent" : "polite").textContent = text;
  }

  // ---- talking to the server -----------------------------------------------------------------------------------------

  class Problem extends Error {
    constructor(status, body) {
      super((body && body.detail) || "The server did not answer as expected.");
      this.status = status;
      this.body = body || {};
    }
  }

  /** `more`: further headers. */
  async function ask(method, address, body, more = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_MS);
    const headers = { Accept: "application/json", ...session.headers(), ...more.headers };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body), signal: stop.signal, cache: "no-store" });
      const data = await answer.json().catch(() => null);
      if (answer.status === 401 && !more.again && await session.comeBack()) return ask(method, address, body, { ...more, again: true });
      if (!answer.ok) throw new Problem(answer.status, data);
      reached();
      return data;
    } catch (failure) {
      if (failure instanceof Problem) reached();
      else missed();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  let missedSince = null;
  let serverMessages = [];
  let alerts = [];  // told to superusers only
  function missed() {
    if (missedSince) return;
    missedSince = new Date();
    say("No connection to the server.", true);
    renderBanners();
  }
  function reached() {
    if (!missedSince) return;
    missedSince = null;
    say("The connection is back.");
    renderBanners();
    loadItems();
    pumpUploads();
  }

  function renderBanners() {
    const banners = [];
    if (missedSince) {
      banners.push(el("div", { class: "banner danger" },
        el("strong", {}, "No connection to the server since " + clock.format(missedSince) + "."),
        "What you see is from then. Trying again by itself.",
        el("button", { type: "button", onclick: lookAround }, "Try now")));
    } else {
      for (const alert of alerts) {
        const grave = alert.severity === "critical" || alert.severity === "high";
        banners.push(el("div", { class: "banner " + (grave ? "danger" : "warning") }, el("strong", {}, alert.summary), " ",
          alert.what_to_do, " Since " + moment.format(new Date(alert.since)) + "."));
      }
      for (const message of serverMessages) {
        const offline = message.startsWith("Storage Offline");
        banners.push(el("div", { class: "banner " + (offline ? "danger" : "warning") }, message));
      }
    }
    const text = banners.map((banner) => banner.textContent).join("\n");
    if (text === $("banners").dataset.text) return;
    $("banners").dataset.text = text;
    $("banners").replaceChildren(...banners);
  }

  async function lookAround() {
    try {
      const status = await ask("GET", "/api/v1/status");
      serverMessages = Array.isArray(status.messages) ? status.messages.filter((m) => typeof m === "string") : [];
      alerts = Array.isArray(status.alerts) ? status.alerts : [];
    } catch (failure) {
      if (failure instanceof Problem) serverMessages = [failure.message];
    }
    renderBanners();
  }

  // ---- items ---------------------------------------------------------------------------------------------------------

  const items = new Map();
  let cursor = null;
  let shown = null;  // the item whose page is open, with its result

  function take(item) {
    const known = items.get(item.id);
    if (known && known.version > item.version) return;
    if (item.result && item.result.rating && item.result.rating.score !== undefined) {
      item.rating = number.format(item.result.rating.score) + "/10";
    } else if (item.rating === undefined && known) {
      item.rating = known.rating;
    }
    if (known && known.status !== item.status) say(item.input.name + ": " + stateWord(item), item.status === "failed");
    items.set(item.id, item);
    if (shown && shown.id === item.id && item.result !== undefined) shown = item;
  }

  async function loadItems() {
    try {
      const page = await ask("GET", "/api/v1/items?limit=" + PAGE_SIZE);
      page.data.forEach(take);
      if (cursor === null || items.size <= PAGE_SIZE) cursor = page.next_cursor;
      render();
      if (route()) loadItem(route());
    } catch (failure) {
      if (failure instanceof Problem) say(failure.message, true);
    }
  }

  async function loadMore() {
    $("more").disabled = true;
    try {
      const page = await ask("GET", "/api/v1/items?limit=" + PAGE_SIZE + "&cursor=" + encodeURIComponent(cursor));
      page.data.forEach(take);
      cursor = page.next_cursor;
      render();
    } catch (failure) {
      say(failure.message, true);
    }
    $("more").disabled = false;
  }

  const loading = new Map();
  /** Reads one item; calls that come while it is read lead to one more reading, not to many. */
  async function loadItem(id) {
    if (loading.has(id)) {
      loading.set(id, true);
      return;
    }
    loading.set(id, false);
    try {
      const item = await ask("GET", "/api/v1/items/" + encodeURIComponent(id));
      take(item);
      if (route() === id) shown = items.get(id);
    } catch (failure) {
      if (failure.status === 404) items.delete(id);
      if (route() === id && failure.status === 404) shown = { id, missing: failure };
    }
    const again = loading.get(id);
    loading.delete(id);
    render();
    if (again) setTimeout(() => loadItem(id), 250);
  }

  async function act(id, action, button, body) {
    button.disabled = true;
    try {
      take(await ask("POST", "/api/v1/items/" + encodeURIComponent(id) + "/" + action, body));
      say({ retry: "It is tried again.", redo: "It is done again in full.", cancel: "It is being stopped.",
        "gaps/fill": "That part is heard again." }[action]);
    } catch (failure) {
      say(failure.message, true);
      button.disabled = false;
    }
    loadItem(id);
  }

  // ---- live ----------------------------------------------------------------------------------------------------------

  const EVENT_TYPES = ["job.created", "stage.started", "stage.completed", "stage.failed", "stage.interrupted", "job.held", "job.released",
    "job.completed", "job.dead", "job.cancel_requested", "job.cancelled", "job.retry_requested", "job.discarded",
    "job.file_expired", "job.results_expired", "job.removed", "job.downshifted", "job.redo", "job.answered"];
  let stream = null;
  let poll = null;
  let streamPause = 2000;

  function setLive(word, bad) {
    $("live").textContent = word;
    $("live").classList.toggle("bad", Boolean(bad));
  }

  function connect() {
    if (stream || document.hidden) return;
    stream = new EventSource("/api/v1/events");
    stream.onopen = () => {
      streamPause = 2000;
      clearInterval(poll);
      poll = null;
      setLive("Live");
      loadItems();  // after the stream is open: what changes from now on comes by it
    };
    stream.onerror = () => {
      if (stream && stream.readyState === EventSource.CLOSED) stopStream();
      fallBack();
    };
    const changed = (event) => loadItem(JSON.parse(event.data).subject);
    for (const type of EVENT_TYPES) stream.addEventListener("holdfast." + type, changed);
    stream.addEventListener("holdfast.item.progress", (event) => {
      const told = JSON.parse(event.data);
      const item = items.get(told.subject);
      if (!item || item.status !== "processing" || item.stage !== told.data.stage) return;
      item.progress = told.data.progress;
      render();
    });
    stream.addEventListener("holdfast.stream.resync", loadItems);
    for (const type of ["firing", "resolved"]) stream.addEventListener("holdfast.alert." + type, lookAround);
  }
  function stopStream() {
    if (stream) stream.close();
    stream = null;
  }
  function fallBack() {
    setLive("Live updates stopped, looking every 10 s", true);
    if (!poll) poll = setInterval(loadItems, POLL_MS);
    if (stream) return;
    setTimeout(connect, streamPause);
    streamPause = Math.min(streamPause * 2, 60000);
  }

  // ---- sending -------------------------------------------------------------------------------------------------------

  const uploads = [];
  let bytesMax = Infinity;
  let recipes = [];

  function key() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function begun(file) {
    return { file, mode: $("mode").value, key: key(), recipe: $("recipe").value, state: "waiting", sent: 0, text: "", tries: 0 };
  }

  function addFiles(files) {
    for (const file of files) {
      const upload = begun(file);
      if (file.size > bytesMax) {
        upload.state = "refused";
        upload.text = "The file is " + bytes(file.size) + "; the limit here is " + bytes(bytesMax) + ". It was not sent.";
      } else if (file.size === 0) {
        upload.state = "refused";
        upload.text = "The file is empty. It was not sent.";
      }
      uploads.push(upload);
    }
    pumpUploads();
    renderUploads();
  }

  /** A request in words goes the way of a file. */
  function addWords() {
    const words = $("words").value.trim();
    if (!words) return;
    const name = words.replace(/\s+/g, " ").slice(0, 60);
    uploads.push({ ...begun(new File([words], name)), words: true });
    $("words").value = "";
    pumpUploads();
    renderUploads();
  }

  function pumpUploads() {
    for (const upload of uploads) {
      const busy = uploads.filter((other) => other.state === "sending").length;
      if (busy >= UPLOADS_AT_ONCE) return;
      if (upload.state === "waiting") send(upload);
    }
  }

  function send(upload) {
    upload.state = "sending";
    upload.sent = 0;
    const said = { recipe: upload.recipe, job_id: upload.key, ...(upload.mode ? { mode: upload.mode } : {}) };  // sent again after a broken answer, it gives the same item
    const form = new FormData();
    for (const [name, value] of Object.entries(said)) form.append(name, value);
    form.append("file", upload.file, upload.file.name);
    const request = upload.request = new XMLHttpRequest();
    request.open("POST", "/api/v1/items" + (upload.words ? "?" + new URLSearchParams({ ...said, name: upload.file.name }) : ""));
    if (upload.words) request.setRequestHeader("Content-Type", "text/plain; charset=utf-8");
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(session.headers())) request.setRequestHeader(name, value);
    request.responseType = "json";
    const begun = Date.now();
    request.upload.onprogress = (event) => {
      upload.sent = event.total ? event.loaded / event.total : 0;
      const rate = event.loaded / Math.max(1, (Date.now() - begun) / 1000);
      const left = (event.total - event.loaded) / Math.max(1, rate);
      upload.text = upload.sent < 1 ? percent(upload.sent) + " sent of " + bytes(upload.file.size) + ", about " + duration(left) + " left"
        : "Sent. The server is making it safe.";
      renderUploads();
    };
    request.onload = () => ended(upload, request.status, request.response);
    request.onerror = request.ontimeout = () => ended(upload, 0, null);
    request.send(upload.words ? upload.file : form);
    renderUploads();
  }

  function ended(upload, status, body) {
    if (upload.state !== "sending") return;
    if (status === 200 || status === 201) {
      upload.state = "done";
      upload.item = body && body.id;
      upload.text = "Saved on the server.";
      if (body) take(body);
      say(upload.file.name + " is saved on the server.");
    } else if (status === 401 && upload.tries < 20) {
      wait(upload, body);
      session.comeBack().catch(() => {});
    } else if (status === 0 || (body && body.retryable && upload.tries < 20)) {
      wait(upload, body);
    } else {
      upload.state = "refused";
      upload.text = body && body.detail ? body.detail + " " + (body.what_to_do || "") : "The server refused it (" + status + ").";
      say(upload.file.name + " was not sent: " + upload.text, true);
    }
    render();
    renderUploads();
    pumpUploads();
  }

  /** Nothing is lost: the file is still here, and goes again by itself. */
  function wait(upload, body) {
    upload.state = "paused";
    upload.tries += 1;
    const pause = Math.min(60, body && body.retry_after ? body.retry_after : 2 ** Math.min(upload.tries, 5));
    upload.text = (body && body.detail ? body.detail : "Connection lost.") + " Sending goes on by itself.";
    upload.timer = setTimeout(() => {
      upload.state = "waiting";
      pumpUploads();
    }, pause * 1000);
  }

  function drop(upload) {
    clearTimeout(upload.timer);
    upload.state = "dropped";
    if (upload.request) upload.request.abort();
    uploads.splice(uploads.indexOf(upload), 1);
    renderUploads();
    pumpUploads();
  }

  function renderUploads() {
    const words = { waiting: "Waiting to be sent", sending: "Sending", paused: "Interrupted", refused: "Not sent", done: "Saved" };
    const looks = { waiting: "pending", sending: "processing", paused: "retrying", refused: "failed", done: "completed" };
    $("uploads").replaceChildren(...uploads.map((upload) => el("li", { class: "row " + looks[upload.state] },
      el("p", { class: "title" }, upload.file.name),
      el("p", {}, el("span", { class: "state" }, ICONS[looks[upload.state]] + " " + words[upload.state]), upload.text ? " · " + upload.text : ""),
      upload.state === "sending" ? el("progress", { max: 1, value: upload.sent, "aria-label": "Sent of " + upload.file.name }) : null,
      el("div", { class: "acts" },
        upload.item ? el("a", { class: "button", href: "#/items/" + upload.item }, "Open") : null,
        el("button", { type: "button", onclick: () => drop(upload), "aria-label": (upload.state === "sending" ? "Stop sending " : "Remove ") + upload.file.name },
          upload.state === "sending" ? "Stop" : "Remove")))));
    $("keep-open").hidden = !uploads.some((upload) => ["waiting", "sending", "paused"].includes(upload.state));
  }

  async function loadRecipes() {
    try {
      const told = await ask("GET", "/api/v1/recipes");
      recipes = told.data;
      bytesMax = told.upload_bytes_max || Infinity;
      $("limit").textContent = "Up to " + bytes(bytesMax) + " each.";
      const wanted = remembered() || (recipes.some((recipe) => recipe.name === "introductions") ? "introductions" : "");
      $("recipe").replaceChildren(...recipes.map((recipe) => el("option", { value: recipe.name, selected: recipe.name === wanted }, recipe.title || recipe.name)));
      $("seek").hidden = !recipes.some((recipe) => recipe.stages.some((stage) => stage.extracts));
      describeRecipe();
    } catch {
      setTimeout(loadRecipes, POLL_MS);
    }
  }
  function describeRecipe() {
    const recipe = recipes.find((one) => one.name === $("recipe").value);
    $("recipe-text").textContent = recipe ? recipe.description : "";
    const accepts = (recipe && recipe.accepts) || [];
    $("write").hidden = !accepts.includes("text");
    $("drop").hidden = accepts.length === 1 && accepts[0] === "text";
    const modes = modesOf($("recipe").value);
    $("mode-field").hidden = !modes.length;
    $("mode").replaceChildren(...modes.map((mode) => el("option", { value: mode.name }, plain(mode.name) + (mode.latency ? ", " + mode.latency : ""))));
  }
  /** What can be asked for, from the fullest to the least. */
  function modesOf(name) {
    const recipe = recipes.find((one) => one.name === name);
    return recipe ? recipe.modes.filter((mode) => mode.asked_for) : [];
  }
  function remembered() {
    try {
      return localStorage.getItem("recipe");
    } catch {
      return null;  // private windows of some browsers
    }
  }

  // ---- the list ------------------------------------------------------------------------------------------------------

  const GROUPS = [["failed", "Needs you"], ["processing", "Processing"], ["pending", "Waiting"], ["completed", "Completed"], ["cancelled", "Cancelled"]];
  const rows = new Map();  // id -> {node, text}: a row is made anew only when its words change, so focus stays where it is

  function rowOf(item) {
    const text = JSON.stringify([item.version, look(item), stateWord(item), sentence(item), item.rating]);
    let row = rows.get(item.id);
    if (!row || row.text !== text) {
      const fresh = { text, node: makeRow(item) };
      if (row) keepFocus(row.node, fresh.node);
      rows.set(item.id, fresh);
      row = fresh;
    }
    const bar = row.node.querySelector("progress");
    if (bar) {
      bar.value = item.progress || 0;
      row.node.querySelector(".percent").textContent = item.progress ? ", " + percent(item.progress) : "";
    }
    return row.node;
  }

  function keepFocus(old, fresh) {
    const held = old.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    old.replaceWith(fresh);
    const again = held && fresh.querySelector("[data-act=" + held + "]");
    if (again) again.focus();
  }

  function makeRow(item) {
    const name = item.input.name || item.job_id;
    const facts = [moment.format(new Date(item.created_at)), bytes(item.input.bytes), item.input.duration_s ? position(item.input.duration_s) : ""];
    return el("li", { class: "row " + look(item) },
      el("p", { class: "title" }, el("a", { href: "#/items/" + item.id, "data-act": "open" }, name)),
      el("p", {}, el("span", { class: "state" }, el("span", { "aria-hidden": "true" }, ICONS[look(item)] + " "), stateWord(item)),
        item.status === "processing" ? el("span", {}, el("span", { class: "percent" }), " · " + stepWord(item)) : null,
        sentence(item) ? " · " + sentence(item) : ""),
      item.status === "processing" ? el("progress", { max: 1, value: item.progress || 0, "aria-label": stateWord(item) + ", " + name }) : null,
      el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
      el("div", { class: "acts" },
        item.rating ? el("span", { class: "rating", title: "Rating" }, item.rating) : null,
        canRetry(item)
          ? el("button", { type: "button", class: item.status === "failed" ? "primary" : null, "data-act": "retry", "aria-label": "Retry " + name,
            onclick: (event) => act(item.id, "retry", event.currentTarget) }, "Retry") : null));
  }

  /** Puts the nodes in this order, and touches only what is out of place. */
  function arrange(parent, nodes) {
    for (const child of [...parent.children]) {
      if (!nodes.includes(child)) child.remove();
    }
    nodes.forEach((node, at) => {
      if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] || null);
    });
  }

  const sections = new Map();
  function renderGroups() {
    const all = [...items.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const wanted = [];
    for (const [status, title] of GROUPS) {
      const own = all.filter((item) => item.status === status);
      if (!own.length) continue;
      if (!sections.has(status)) {
        const list = el("ul", { class: "rows" });
        const heading = el("h2", {});
        sections.set(status, { node: el("section", { "aria-label": title }, heading, list), list, heading });
      }
      const section = sections.get(status);
      section.heading.textContent = title + " (" + own.length + ")";
      arrange(section.list, own.map(rowOf));
      wanted.push(section.node);
    }
    if (!wanted.length) {
      wanted.push($("empty") || el("p", { id: "empty", class: "quiet" },
        "Nothing here yet. Send a recording and this page will show every step until it is ready."));
    }
    arrange($("groups"), wanted);
    $("more").hidden = !cursor;
  }

  // ---- one item ------------------------------------------------------------------------------------------------------

  const place = () => location.hash.match(/^#\/items\/([A-Za-z0-9_]+)(?:@(\d+(?:\.\d+)?))?$/) || [];
  const route = () => place()[1];
  let shownText = "";
  let openedFrom = null;
  let player = null;

  function renderDetail() {
    const id = route();
    $("home").hidden = Boolean(id);
    $("detail").hidden = !id;
    if (!id) {
      shown = null;
      shownText = "";
      player = null;
      return;
    }
    if (!shown || shown.id !== id) shown = items.get(id) || null;
    const text = id + JSON.stringify(shown && [shown.version, shown.result !== undefined, shown.missing, sentenceFor(shown)]);
    if (text === shownText) return updateDetailProgress();
    const first = !shownText.startsWith(id);
    shownText = text;
    if (first) player = null;
    const held = document.activeElement && $("detail").contains(document.activeElement) ? document.activeElement.dataset.act : null;
    $("detail").replaceChildren(...(shown ? detailOf(shown) : [el("p", {}, "Loading")]));
    updateDetailProgress();
    const again = first ? $("detail").querySelector("h1") : held && $("detail").querySelector("[data-act=" + held + "]");
    if (again) again.focus();
  }
  const sentenceFor = (item) => (item.missing ? "" : [stateWord(item), sentence(item)]);

  function updateDetailProgress() {
    const item = shown && items.get(shown.id);
    const bar = $("detail").querySelector("progress");
    if (!bar || !item) return;
    bar.value = item.progress || 0;
    $("detail").querySelector(".percent").textContent = item.progress ? " " + percent(item.progress) : "";
  }

  function detailOf(item) {
    const back = el("p", {}, el("a", { href: "#/", "data-act": "back" }, "‹ Your items"));
    if (item.missing) return [back, el("h1", { tabindex: "-1" }, "Not found"), el("p", {}, item.missing.message)];
    const result = item.result || {};
    const facts = [moment.format(new Date(item.created_at)), bytes(item.input.bytes), item.input.media_type,
      item.input.duration_s ? position(item.input.duration_s) : "", result.transcript && result.transcript.language,
      item.retry_count ? "retried " + item.retry_count + " times" : ""];
    return [back,
      el("h1", { tabindex: "-1" }, item.input.name || item.job_id),
      el("p", { class: look(item) }, el("span", { class: "state" }, el("span", { "aria-hidden": "true" }, ICONS[look(item)] + " "), stateWord(item)),
        item.status === "failed" ? "" : " " + sentence(item)),
      el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
      keptWords(item) ? el("p", { class: "quiet kept" }, keptWords(item)) : null,
      troubleOf(item), downshiftOf(item), messagesOf(item), toolbarOf(item, result), requestOf(item), stagesOf(item),
      briefOf(result), ratingOf(result.rating), formOf(result), listOf(result, "memories", "Memories"),
      listOf(result, "action_items", "Action items"), playerOf(item), transcriptOf(item, result.transcript), othersOf(result),
    ].filter(Boolean);
  }

  function troubleOf(item) {
    if (!item.error || item.status === "completed") return null;
    return el("div", { class: item.status === "failed" ? "trouble" : "warnings" },
      el("p", {}, el("strong", {}, item.error.message)), el("p", {}, item.error.what_to_do),
      el("p", {}, el("a", { href: "/problems/" + encodeURIComponent(item.error.code) }, "Code " + item.error.code)));
  }

  /** That it was not done in the way that was asked for: why, and what that costs. */
  function downshiftOf(item) {
    const told = item.downshift;
    if (!told) return null;
    const impact = told.impact || {};
    const similar = told.stages.filter((stage) => stage.answered).map((stage) => el("p", {},
      "This is the answer to another request (" + percent(stage.similarity) + " alike): “" + stage.answered + "”"));
    const redo = item.status === "completed" && told.stages.length;
    return el("div", { class: "warnings" },
      el("p", {}, el("strong", {}, told.warning)), el("p", {}, told.reason), similar,
      impact.lost && impact.lost.length ? el("p", {}, "Left out: " + impact.lost.join(", ") + ".") : null,
      impact.quality ? el("p", {}, "Quality: " + impact.quality + ".") : null,
      redo ? el("button", { type: "button", "data-act": "redo",
        onclick: (event) => act(item.id, "redo", event.currentTarget) }, "Do it again in full") : null);
  }

  function messagesOf(item) {
    if (!item.messages.length) return null;
    return el("div", { class: "messages" }, el("ul", {}, item.messages.map((message) => el("li", {}, message))));
  }

  function toolbarOf(item, result) {
    const over = ["completed", "failed", "cancelled"].includes(item.status);
    const address = "/api/v1/items/" + encodeURIComponent(item.id);
    const [fullest] = modesOf(item.recipe);
    const rest = fullest && fullest.name !== item.requested_mode && item.status === "completed";
    const files = result.transcript ? ["srt", "vtt", "txt", "json"].map((kind) =>
      el("a", { class: "button", href: address + "/transcript." + kind, download: true }, kind === "txt" ? "Text" : kind.toUpperCase())) : [];
    return el("div", { class: "toolbar" },
      canRetry(item) ? el("button", { type: "button", class: "primary", "data-act": "retry",
        onclick: (event) => act(item.id, "retry", event.currentTarget) }, "Retry") : null,
      rest ? el("button", { type: "button", "data-act": "rest",
        onclick: (event) => act(item.id, "redo", event.currentTarget, { mode: fullest.name }) }, "Do it in full") : null,
      over || item.cancel_requested ? null : el("button", { type: "button", "data-act": "cancel",
        onclick: (event) => act(item.id, "cancel", event.currentTarget) }, "Cancel"),
      files, item.input.sha256 && !item.discarded && !gone(item) ? el("a", { class: "button", href: address + "/media", download: true }, "Original file") : null);
  }

  function stagesOf(item) {
    return el("section", { "aria-labelledby": "steps" }, el("h2", { id: "steps" }, "Steps"),
      el("ol", { class: "steps card" }, item.stages.map((stage) => stepOf(item, stage))));
  }
  function stepOf(item, stage) {
    const now = stage.state === "processing";
    const took = stage.started_at && stage.finished_at ? (Date.parse(stage.finished_at) - Date.parse(stage.started_at)) / 1000 : null;
    const words = { pending: "not yet", processing: "now", completed: took === null || took < 0.5 ? "done" : "done, " + duration(took), failed: "failed" };
    return el("li", {}, el("span", { "aria-hidden": "true" }, ICONS[stage.state]), el("strong", {}, stage.title),
      el("span", { class: "quiet" }, words[stage.state], now ? el("span", { class: "percent" }) : "",
        stage.started_at ? " · " + clock.format(new Date(stage.started_at)) : "", stage.attempts > 1 ? " · try " + stage.attempts : ""),
      now && item.status === "processing" ? el("progress", { class: "note", max: 1, value: item.progress || 0, "aria-label": stage.title }) : null,
      stage.warnings.map((warning) => el("span", { class: "note" }, "Remark: " + warning)));
  }

  function ratingOf(rating) {
    if (!rating || rating.score === undefined) return null;
    return el("section", { "aria-labelledby": "rating" }, el("h2", { id: "rating" }, "Rating"), el("div", { class: "card" },
      el("p", { class: "rating" }, number.format(rating.score) + "/10"),
      el("ul", { class: "criteria" }, (rating.criteria || []).map((criterion) =>
        el("li", {}, el("strong", {}, plain(criterion.name) + " " + number.format(criterion.score) + ": "), criterion.reason))),
      el("p", { class: "quiet" }, "Made by a language model. It may be wrong: check it against the recording.")));
  }

  function formOf(result) {
    if (!result.form) return null;
    const entries = Object.entries(result.form).flatMap(([name, field]) => {
      const value = field && field.value;
      const words = value === null || value === undefined || value === "" ? "not said" : Array.isArray(value) ? value.join(", ") : String(value);
      return [el("dt", {}, plain(name)), el("dd", {}, words + " ", placesOf(result, field && field.segments)) ];
    });
    return el("section", { "aria-labelledby": "form" }, el("h2", { id: "form" }, "Form"), el("dl", { class: "form card" }, entries));
  }

  /** Memories or action items, each with the places where it was said. */
  function listOf(result, name, title) {
    if (!Array.isArray(result[name])) return null;
    const lines = result[name].map((one) => el("li", {}, one.text + " ", placesOf(result, one.segments), factsOf(one)));
    return el("section", { "aria-labelledby": name }, el("h2", { id: name }, title), el("div", { class: "card" },
      lines.length ? el("ul", { class: "found" }, lines) : el("p", {}, "None were found."),
      lines.length ? el("p", { class: "quiet" }, "Found by a language model. It may be wrong: check it against the recording.") : null));
  }
  function factsOf(one) {
    const days = one.due_at ? [one] : (one.when || []).map((date) => ({ due_at: date.at, due_until: date.until }));
    const day = days.map((date) => date.due_at.replace("T", " ").slice(0, 16) + (date.due_until ? " to " + date.due_until : "")).join(", ");
    const facts = [one.owner && "who: " + one.owner, one.due && "when: " + one.due, day, one.confidence < UNSURE && "uncertain"];
    return el("span", { class: "quiet" }, facts.filter(Boolean).map((fact) => " · " + fact).join(""));
  }
  function placesOf(result, numbers) {
    const segments = (result.transcript && result.transcript.segments) || [];
    return (numbers || []).filter((at) => segments[at]).slice(0, 6).map((at) => timeButton(segments[at].start_s, "Where it was said: "));
  }

  function requestOf(item) {
    if (!item.input.text) return null;
    return el("section", { "aria-labelledby": "request" }, el("h2", { id: "request" }, "Request"),
      el("p", { class: "card words", dir: "auto" }, item.input.text));
  }

  /** What a fragrance is to be like, the check of it, and hints. */
  function briefOf(result) {
    const brief = result.brief;
    if (!brief) return null;
    const notes = Object.entries(brief.notes_preference).sort((a, b) => b[1] - a[1])
      .map(([name, weight]) => (weight === 0 ? "no " + name : name + " " + percent(weight))).join(", ");
    const facts = [["Style", brief.style], ["Product", brief.product_category], ["Intensity", percent(brief.intensity)],
      ["Complexity", percent(brief.complexity)], ["Notes", notes]];
    const check = result.validation;
    const remarks = check ? [...check.errors, ...check.warnings] : [];
    return el("section", { "aria-labelledby": "brief" }, el("h2", { id: "brief" }, "Brief"),
      el("dl", { class: "form card" }, facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      check ? el("div", { class: "card" }, el("p", {}, (check.valid ? "The brief is valid." : "The brief is not valid.") + " IFRA: " + plain(check.ifra_compliance) + "."),
        remarks.length ? el("ul", {}, remarks.map((remark) => el("li", {}, remark))) : null) : null,
      Array.isArray(result.hints) && result.hints.length ? el("div", { class: "card" }, el("p", {}, el("strong", {}, "Hints")),
        el("ul", {}, result.hints.map((hint) => el("li", {}, hint)))) : null,
      el("p", { class: "quiet" }, "Made by language models. They may be wrong."));
  }

  function othersOf(result) {
    const known = ["transcript", "form", "rating", "memories", "action_items", "brief", "validation", "hints", "metadata"];
    const others = Object.entries(result).filter(([name, value]) => !known.includes(name) && value !== null);
    if (!others.length) return null;
    return el("section", {}, others.map(([name, value]) => [el("h2", {}, plain(name)), el("pre", { class: "card" }, JSON.stringify(value, null, 2))]));
  }

  /** The player lives on when the page around it is made anew: what is being listened to does not stop. */
  function playerOf(item) {
    if (!item.input.media_type || !item.input.sha256 || gone(item)) return null;
    if (!player) {
      const tag = item.input.media_type.startsWith("video/") ? "video" : "audio";
      player = el(tag, { controls: true, preload: "none", src: "/api/v1/items/" + encodeURIComponent(item.id) + "/media", "aria-label": "The recording" });
      player.addEventListener("timeupdate", followPlayer);
      const at = Number(place()[2] || 0);  // where a search has found something
      if (at) player.addEventListener("loadedmetadata", () => { player.currentTime = at; }, { once: true });
      if (at) player.preload = "metadata";
    }
    return el("section", { "aria-labelledby": "recording" }, el("h2", { id: "recording" }, "Recording"), player);
  }
  function followPlayer() {
    for (const line of document.querySelectorAll(".spoken li")) {
      const here = player.currentTime >= Number(line.dataset.start) && player.currentTime < Number(line.dataset.end);
      line.classList.toggle("here", here);
    }
  }
  function timeButton(seconds, label) {
    return el("button", { type: "button", class: "time", "aria-label": (label || "Play from ") + position(seconds), onclick: () => {
      if (!player) return;
      player.currentTime = seconds;
      player.play().catch(() => say("Your browser cannot play this file. It can be downloaded."));
    } }, position(seconds));
  }

  function transcriptOf(item, transcript) {
    if (!transcript) return null;
    const segments = transcript.segments || [];
    const gaps = transcript.gaps || [];
    const empty = transcript.no_speech || !segments.length;
    return el("section", { "aria-labelledby": "transcript" }, el("h2", { id: "transcript" }, "Transcript"),
      gaps.length ? el("div", { class: "warnings" }, el("ul", {}, gaps.map((gap) =>
        el("li", {}, "Not transcribed from " + position(gap.start_s) + " to " + position(gap.end_s) + (gap.cause ? ": " + gap.cause : ""),
          item.status === "completed" && !gone(item) ? el("button", { type: "button", onclick: (event) =>
            act(item.id, "gaps/fill", event.currentTarget, { start_s: gap.start_s }) }, "Fill the gap") : null)))) : null,
      empty ? el("p", {}, "No words were found in this recording.") : null,
      el("ol", { class: "spoken card", lang: transcript.language || null, dir: "auto", hidden: empty }, segments.map((segment) =>
        el("li", { "data-start": segment.start_s, "data-end": segment.end_s }, timeButton(segment.start_s),
          el("span", segment.confidence < 0.5 ? { class: "unsure", title: "unsure" } : {}, segment.text.trim())))));
  }

  // ---- search --------------------------------------------------------------------------------------------------------

  async function seek(event) {
    event.preventDefault();
    const words = $("seek-words").value.trim();
    if (!words) return $("seek-found").replaceChildren();
    try {
      const told = await ask("GET", "/api/v1/memories/search?q=" + encodeURIComponent(words));
      const lines = told.data.map((one) => el("li", {}, el("a", { href: one.page.slice(1) }, one.snippet), factsOf(one),
        el("span", { class: "quiet" }, one.start_s === null ? "" : " · at " + position(one.start_s), " · " + (one.kind === "said" ? "said" : one.kind),
          one.similarity ? " · " + percent(one.similarity) + " alike" : "")));
      $("seek-found").replaceChildren(told.degraded ? el("p", { class: "warnings" }, "Words alone were compared. " + told.degraded.message) : "",
        lines.length ? el("ul", { class: "found card" }, lines) : el("p", {}, "Nothing was found."));
      say(lines.length + " found.");
    } catch (failure) {
      $("seek-found").replaceChildren(el("p", {}, failure.message));
    }
  }

  // ---- together ------------------------------------------------------------------------------------------------------

  let due = false;
  /** Drawn at most once a frame, however many things change. */
  function render() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      renderGroups();
      renderDetail();
    });
  }

  let started = false;
  /** Again when somebody comes back whose session had ended: what was chosen to be sent is still here. */
  function start() {
    if (started) return resume();
    started = true;
    const drop = $("drop");
    $("files").addEventListener("change", () => {
      addFiles([...$("files").files]);
      $("files").value = "";
    });
    for (const type of ["dragenter", "dragover"]) {
      drop.addEventListener(type, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); addFiles([...event.dataTransfer.files]); });
    for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());
    $("recipe").addEventListener("change", () => {
      describeRecipe();
      try { localStorage.setItem("recipe", $("recipe").value); } catch { /* it is asked again next time */ }
    });
    $("send-words").addEventListener("click", addWords);
    $("more").addEventListener("click", loadMore);
    $("seek-form").addEventListener("submit", seek);
    window.addEventListener("hashchange", () => {
      const id = route();
      if (id) {
        openedFrom = id;
        loadItem(id);
      }
      renderGroups();
      renderDetail();
      const row = !id && openedFrom && rows.get(openedFrom);
      if (row) row.node.querySelector("[data-act=open]").focus();
    });
    window.addEventListener("beforeunload", (event) => {
      if (uploads.some((upload) => upload.state === "sending")) event.preventDefault();
    });
    window.addEventListener("online", lookAround);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) connect();
    });
    setInterval(lookAround, LOOK_MS);
    setInterval(() => { if (missedSince) lookAround(); }, 5000);
    loadRecipes();
    loadItems();
    lookAround();
    connect();
    if (route()) loadItem(route());
    render();
  }
  function resume() {
    stopStream();
    connect();
    loadRecipes();
    loadItems();
    lookAround();
    pumpUploads();
  }
  session.begin(start);
})();
