// What the two links for staff share: they open a session. It waits for the button, because mail scanners open links and
// would use them up; it shows the session once, for use with the API, and keeps it nowhere.
import { call, doing, say, words } from "./page.js";

/** Turns the token behind the # into a session by a POST to `path`; `texts` are the page's words. */
export function open(path, texts) {
  const chosen = words(texts);
  const token = location.hash.slice(1);
  const ask = document.getElementById("ask");

  async function go() {
    const session = await call("POST", path, { body: { token } });
    ask.hidden = true;
    document.getElementById("token").textContent = `Authorization: Bearer ${session.token}`;
    document.getElementById("opened").hidden = false;
    say(chosen.done, "good");
    history.replaceState(null, "", location.pathname);
  }

  if (token) {
    document.getElementById("go").addEventListener("click", () => doing(chosen, go));
  } else {
    ask.hidden = true;
    say(chosen["link-invalid"], "bad");
  }
}
