// One's own account: password, second factors, sessions. The session is in a cookie that no script can read; which
// portal's it is stands behind the # of the address, or is tried.
import { Refused, call, doing, locale, make, say, words } from "./page.js";
import { chosenPassword } from "./new-password.js";
import { deriveProof } from "./proof.js";
import { showFactors, wireFactors } from "./factors.js";

const chosen = words({
  de: {
    title: "Mein Konto",
    signIn: "Anmelden", signOut: "Abmelden", signedOut: "Sie sind abgemeldet.",
    missing: "Ihr Betrieb verlangt einen zweiten Faktor. Richten Sie einen ein, und melden Sie sich dann damit an.",
    password: "Passwort", setPassword: "Passwort setzen", passwordSet: "Das Passwort gilt. Andere Sitzungen sind beendet.",
    rules: "Mindestens 15 Zeichen; am einfachsten sind mehrere Wörter. Ziffern und Sonderzeichen müssen nicht sein.",
    current: "Bisheriges Passwort", fresh: "Neues Passwort", again: "Noch einmal",
    different: "Die beiden Eingaben sind verschieden.", weak: "Dieses Passwort geht nicht:",
    factors: "Zweiter Faktor", factorsWhy: "Damit kommt niemand in Ihr Konto, der nur Ihr Passwort kennt.",
    confirm: "Ihr Passwort, zur Bestätigung", needConfirm: "Bitte geben Sie zur Bestätigung Ihr Passwort ein.",
    addApp: "App einrichten", addPasskey: "Passkey hinzufügen", label: "Name für einen neuen Passkey",
    needLabel: "Bitte geben Sie dem Passkey einen Namen.", newCodes: "Neue Wiederherstellungscodes",
    appWhy: "Geben Sie den Schlüssel in Ihre App ein, und danach hier den Code, den sie zeigt.",
    secret: "Schlüssel", uri: "Auf dem Telefon", openApp: "In der App öffnen", appCode: "Code der App",
    confirmApp: "App bestätigen", app: "App mit Codes", passkey: "Passkey", remove: "Entfernen",
    codesLeft: "Wiederherstellungscodes übrig", noFactor: "Kein zweiter Faktor",
    codesWhy: "Ihre Wiederherstellungscodes. Jeder gilt einmal. Bewahren Sie sie auf; sie werden nur jetzt gezeigt.",
    added: "Der zweite Faktor ist eingerichtet. Andere Sitzungen sind beendet.", removed: "Entfernt.",
    codesMade: "Die neuen Codes gelten, die alten nicht mehr.",
    requireAll: "Von allen verlangen", requireNone: "Nicht mehr von allen verlangen", required: "Geändert.",
    sessions: "Wo Sie angemeldet sind", endOthers: "Alle anderen beenden", end: "Beenden", ended: "Beendet.", here: "hier",
    "credentials-refused": "Das Passwort stimmt nicht. Ohne Passwort: Melden Sie sich neu mit einem Link an.",
    "invalid-input": "Das stimmt nicht. Prüfen Sie, was Sie eingegeben haben.",
    conflict: "Das geht so nicht. Fangen Sie noch einmal an; verlangt Ihr Betrieb einen zweiten Faktor, so bleibt einer.",
    "second-factor-required": "Dafür müssen Sie sich mit einem zweiten Faktor anmelden.",
    NotAllowedError: "Der Passkey wurde nicht erstellt.", InvalidStateError: "Dieses Gerät hat schon einen Passkey von Ihnen.",
  },
  en: {
    title: "My account",
    signIn: "Sign in", signOut: "Sign out", signedOut: "You are signed out.",
    missing: "Your business requires a second factor. Set one up, then sign in with it.",
    password: "Password", setPassword: "Set the password", passwordSet: "The password holds. Other sessions have ended.",
    rules: "At least 15 characters; several words are the easiest. Digits and signs are not needed.",
    current: "Present password", fresh: "New password", again: "Once more",
    different: "The two are not the same.", weak: "This password will not do:",
    factors: "Second factor", factorsWhy: "With it, nobody who knows your password only gets into your account.",
    confirm: "Your password, to confirm", needConfirm: "Please enter your password to confirm.",
    addApp: "Set up an app", addPasskey: "Add a passkey", label: "Name for a new passkey",
    needLabel: "Please give the passkey a name.", newCodes: "New recovery codes",
    appWhy: "Enter the key into your app, and then the code that it shows here.",
    secret: "Key", uri: "On the phone", openApp: "Open in the app", appCode: "Code of the app",
    confirmApp: "Confirm the app", app: "App with codes", passkey: "Passkey", remove: "Remove",
    codesLeft: "recovery codes left", noFactor: "No second factor",
    codesWhy: "Your recovery codes. Each works once. Keep them; they are shown only now.",
    added: "The second factor is set up. Other sessions have ended.", removed: "Removed.",
    codesMade: "The new codes hold, the old ones do not any more.",
    requireAll: "Require of everybody", requireNone: "Do not require any more", required: "Changed.",
    sessions: "Where you are signed in", endOthers: "End all others", end: "End", ended: "Ended.", here: "here",
    "credentials-refused": "The password is not right. Without a password: sign in anew with a link.",
    "invalid-input": "That is not right. Check what you entered.",
    conflict: "That does not work. Begin again; if your business requires a second factor, one has to stay.",
    "second-factor-required": "For that you have to sign in with a second factor.",
    NotAllowedError: "The passkey was not made.", InvalidStateError: "This device has a passkey of yours already.",
  },
});
const $ = (id) => document.getElementById(id);
const me = { portal: "", roles: [], about: {}, factors: null };

/** A call in the session of the portal that this page is in. */
const mine = (method, path, body) => call(method, `v1/${path}`, { body, portal: me.portal });

/** The proof of one's own password. */
const proofOf = async (password) => deriveProof(password, await mine("GET", "staff/me/password/parameters"));

async function enter() {
  const wanted = location.hash.slice(1);
  for (const portal of wanted === "expert" ? ["expert", "admin"] : ["admin", "expert"]) {
    me.portal = portal;
    const session = await call("GET", "v1/session", { portal }).catch(unless("not-signed-in"));
    if (session) {
      me.roles = session.roles;
      $("missing").hidden = !session.second_factor_missing;
      return load();
    }
  }
  return leave("not-signed-in", "bad");
}

/** A refusal of one kind counts as no answer. */
function unless(kind) {
  return (error) => {
    if (error instanceof Refused && error.kind === kind) return null;
    throw error;
  };
}

function leave(text, tone) {
  $("inside").hidden = true;
  $("stranger").hidden = false;
  say(chosen[text], tone);
}

async function load() {
  const profile = await mine("GET", "staff/me").catch(unless("second-factor-required"));
  me.about = profile ? { email: profile.email, names: [profile.given_name, profile.family_name] } : {};
  $("username").value = me.about.email || "";
  await refresh();
  $("inside").hidden = false;
  say("");
}

/** Shows what is there now. */
async function refresh() {
  me.factors = await mine("GET", "staff/me/second-factors");
  $("has-password").hidden = !me.factors.password;
  showFactors(me, chosen);
  showSessions((await mine("GET", "staff/me/sessions")).sessions);
}

function showSessions(sessions) {
  const when = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  $("sessions").replaceChildren(...sessions.map((session) => {
    const said = [session.browser, session.system, session.network, when.format(new Date(session.seen_at))].join(", ");
    if (session.current) return make("li", {}, `${said} (${chosen.here})`);
    const button = make("button", { type: "button" }, chosen.end);
    button.addEventListener("click", () => act(() => mine("DELETE", `staff/me/sessions/${session.id}`), "ended"));
    return make("li", {}, `${said} `, button);
  }));
  $("end-others").hidden = sessions.length < 2;
}

/** Does something, shows what is there then, and says that it is done. */
async function act(action, done) {
  return doing(chosen, async () => {
    await action();
    await refresh();
    say(chosen[done], "good");
  });
}

async function setPassword() {
  const password = await chosenPassword(chosen, me.about);
  if (password === null) return;
  const body = { proof: await proofOf(password) };
  if (me.factors.password) body.current_proof = await proofOf($("current").value);
  await mine("PUT", "staff/me/password", body);
  for (const id of ["current", "new", "again"]) $(id).value = "";
  await refresh();
  say(chosen.passwordSet, "good");
}

$("password-form").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, setPassword);
});
$("end-others").addEventListener("click", () => act(() => mine("DELETE", "staff/me/sessions"), "ended"));
$("sign-out").addEventListener("click", () => doing(chosen, async () => {
  await mine("DELETE", "session");
  leave("signedOut", "good");
}));
wireFactors(me, chosen, { mine, proofOf, act });
doing(chosen, enter);
