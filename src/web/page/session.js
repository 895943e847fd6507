"use strict";
// Who is here. The access token is kept in memory only; what brings it back after a reload is a cookie that no script
// can read. On a server for one user there is nothing to do and nothing to see of this.
const session = (() => {
  const LEAD_S = 60;  // so long before its end a token is replaced
  const ANSWER_MS = 30000;

  const $ = (id) => document.getElementById(id);
  let token = null;
  let user = null;
  let timer = null;
  let renewing = null;
  let goOn = () => {};

  async function send(method, address, body) {
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = body instanceof URLSearchParams ? "application/x-www-form-urlencoded" : "application/json";
    const stop = AbortSignal.timeout(ANSWER_MS);
    const text = body instanceof URLSearchParams ? body.toString() : body && JSON.stringify(body);
    const answer = await fetch(address, { method, headers, body: text, signal: stop, cache: "no-store" });
    const data = await answer.json().catch(() => ({}));
    return { status: answer.status, data };
  }

  function take(data) {
    token = data.access_token;
    user = data.user.name;
    clearTimeout(timer);
    timer = setTimeout(() => renew().catch(() => {}), Math.max(5, data.expires_in - LEAD_S) * 1000);
    $("who-name").textContent = user;
    $("who").hidden = false;
  }

  /** A refresh token works once, so that only one of all open windows uses it at a time. */
  function renew() {
    const once = async () => {
      const answer = await send("POST", "/auth/jwt/refresh", {});
      if (answer.status === 200) take(answer.data);
      return answer.status === 200;
    };
    if (!renewing) {
      renewing = (navigator.locks ? navigator.locks.request("holdfast-refresh", once) : once()).finally(() => { renewing = null; });
    }
    return renewing;
  }

  // ---- forms ---------------------------------------------------------------------------------------------------------

  const link = () => location.hash.match(/^#(setup|invitation)=([\w-]+)(?:&name=(.*))?$/);

  function field(id, label, type, autocomplete, value) {
    const row = document.createElement("p");
    row.className = "field";
    const name = document.createElement("label");
    name.htmlFor = id;
    name.textContent = label;
    const input = document.createElement("input");
    Object.assign(input, { id, type, autocomplete, required: true, value: value || "" });
    row.append(name, input);
    return row;
  }

  /** `fields`: [id, label, type, autocomplete, value]; `work` gives the answer to the form. */
  function ask(title, text, fields, button, work) {
    const form = document.createElement("form");
    form.className = "card";
    const head = document.createElement("h1");
    head.textContent = title;
    head.tabIndex = -1;
    const words = document.createElement("p");
    words.textContent = text;
    const wrong = document.createElement("p");
    wrong.className = "wrong";
    wrong.setAttribute("role", "alert");
    const go = document.createElement("button");
    Object.assign(go, { type: "submit", className: "primary", textContent: button });
    form.append(head, words, ...fields.map((one) => field(...one)), wrong, go);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      wrong.textContent = "";
      try {
        const answer = await work((id) => form.querySelector("#" + id).value);
        if (answer.status === 200) return entered(answer.data);
        const wait = answer.data.retry_after ? " (" + answer.data.retry_after + " s)" : "";
        wrong.textContent = (answer.data.detail || "The server did not answer as expected.") + " " + (answer.data.what_to_do || "") + wait;
      } catch {
        wrong.textContent = "No connection to the server. Try again.";
      }
      go.disabled = false;
    });
    document.body.classList.add("gated");
    $("gate").replaceChildren(form);
    $("gate").hidden = false;
    (form.querySelector("input:not([value]), input") || head).focus();
  }

  function entered(data) {
    const before = user;
    const had_link = link();
    take(data);
    if (had_link) history.replaceState(null, "", "#/");
    if (before && before !== user) return location.reload();  // nothing of the other one may stay in this window
    $("gate").hidden = true;
    $("gate").replaceChildren();
    document.body.classList.remove("gated");
    goOn();
  }

  function askName() {
    ask("Sign in", "", [["name", "Name", "text", "username", user], ["password", "Password", "password", "current-password"]], "Sign in",
      (value) => send("POST", "/auth/jwt/login", new URLSearchParams({ username: value("name"), password: value("password") })));
  }

  function askLink([, kind, secret, name]) {
    const setup = kind === "setup";
    const known = name ? decodeURIComponent(name) : "";
    const choose = ["new-password", "Password, at least 8 characters", "password", "new-password"];
    const fields = setup ? [["name", "Name", "text", "username"], choose] : [choose];
    ask(setup ? "Set up this server" : "Welcome" + (known ? ", " + known : ""),
      setup ? "You become the first user, who manages this server." : "Choose a password. This link works once.", fields, "Go on",
      (value) => send("POST", "/auth/" + (setup ? "setup/" : "invitations/") + encodeURIComponent(secret),
        setup ? { name: value("name"), password: value("new-password") } : { password: value("new-password") }));
  }

  async function signOut() {
    await send("POST", "/auth/jwt/logout", {}).catch(() => {});
    location.reload();
  }

  // ---- for the page --------------------------------------------------------------------------------------------------

  return {
    /** Calls `ready` as soon as somebody is here, and again when they come back after their session has ended. */
    async begin(ready) {
      goOn = ready;
      $("sign-out").addEventListener("click", signOut);
      window.addEventListener("hashchange", () => { if (link()) askLink(link()); });
      if (link()) return askLink(link());
      try {
        const me = await send("GET", "/api/v1/me");
        if ((me.status === 200 && me.data.single_user) || await renew()) return ready();
        askName();
      } catch {
        ready();  // no connection: the page says so, and whoever is not signed in is asked when it is back
      }
    },
    /** To be called when an answer was 401. True: try again. */
    async comeBack() {
      if (await renew()) return true;
      if ($("gate").hidden) askName();
      return false;
    },
    headers: () => (token ? { Authorization: "Bearer " + token } : {}),
  };
})();
