// One's own account: password, second factors, sessions. The session is in a cookie that no script can read; which
// portal's it is stands behind the # of the address, or is tried.
import { Refused, doing, locale, make, say, words } from "./page.js";
import { chosenPassword } from "./new-password.js";
import { deriveProof } from "./proof.js";
import { OF_A_SESSION, inside, sessionOf, unless } from "./session.js";
import { showFactors, wireFactors } from "./factors.js";

const chosen = words({
  de: {
    title: "Mein Konto",
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
    "credentials-refused": "Das Passwort stimmt nicht.",
    "sign-in-anew": "Dafür darf Ihre Anmeldung höchstens zehn Minuten her sein, mit zweitem Faktor, wenn Sie einen haben. Melden Sie sich ab und neu an.",
    "invalid-input": "Das stimmt nicht. Prüfen Sie, was Sie eingegeben haben.",
    conflict: "Das geht so nicht. Fangen Sie noch einmal an; verlangt Ihr Betrieb einen zweiten Faktor, so bleibt einer.",
    "second-factor-required": "Dafür müssen Sie sich mit einem zweiten Faktor anmelden.",
    NotAllowedError: "Der Passkey wurde nicht erstellt.", InvalidStateError: "Dieses Gerät hat schon einen Passkey von Ihnen.",
  },
  en: {
    title: "My account",
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
    "credentials-refused": "The password is not right.",
    "sign-in-anew": "For that you must have signed in within the last ten minutes, with your second factor if you have one. Sign out and in again.",
    "invalid-input": "That is not right. Check what you entered.",
    conflict: "That does not work. Begin again; if your business requires a second factor, one has to stay.",
    "second-factor-required": "For that you have to sign in with a second factor.",
    NotAllowedError: "The passkey was not made.", InvalidStateError: "This device has a passkey of yours already.",
  },
  fr: {
    title: "Mon compte",
    missing: "Votre entreprise exige un second facteur. Configurez-en un, puis utilisez-le pour vous connecter.",
    password: "Mot de passe", setPassword: "Définir le mot de passe",
    passwordSet: "Le mot de passe est valable. Les autres sessions sont fermées.",
    rules: "Au moins 15 caractères\u00a0; le plus simple est de prendre plusieurs mots. Chiffres et signes ne sont pas nécessaires.",
    current: "Mot de passe actuel", fresh: "Nouveau mot de passe", again: "Encore une fois",
    different: "Les deux saisies sont différentes.", weak: "Ce mot de passe ne convient pas\u00a0:",
    factors: "Second facteur", factorsWhy: "Ainsi, connaître votre mot de passe ne suffit pas pour entrer dans votre compte.",
    confirm: "Votre mot de passe, pour confirmer", needConfirm: "Veuillez saisir votre mot de passe pour confirmer.",
    addApp: "Configurer une application", addPasskey: "Ajouter une clé d'accès", label: "Nom de la nouvelle clé d'accès",
    needLabel: "Veuillez donner un nom à la clé d'accès.", newCodes: "Nouveaux codes de récupération",
    appWhy: "Saisissez la clé dans votre application, puis ici le code qu'elle affiche.",
    secret: "Clé", uri: "Sur le téléphone", openApp: "Ouvrir dans l'application", appCode: "Code de l'application",
    confirmApp: "Confirmer l'application", app: "Application avec codes", passkey: "Clé d'accès", remove: "Supprimer",
    codesLeft: "codes de récupération restants", noFactor: "Aucun second facteur",
    codesWhy: "Vos codes de récupération. Chacun sert une seule fois. Conservez-les, car ils ne sont affichés que maintenant.",
    added: "Le second facteur est configuré. Les autres sessions sont fermées.", removed: "La suppression est faite.",
    codesMade: "Les nouveaux codes sont valables, les anciens ne le sont plus.",
    requireAll: "L'exiger de tout le monde", requireNone: "Ne plus l'exiger de tout le monde", required: "La modification est faite.",
    sessions: "Vos sessions ouvertes", endOthers: "Fermer toutes les autres", end: "Fermer", ended: "C'est fait.", here: "ici",
    "credentials-refused": "Le mot de passe n'est pas correct.",
    "sign-in-anew": "Pour cela, votre connexion doit dater de dix minutes au plus, avec le second facteur si vous en avez un. Déconnectez-vous, puis reconnectez-vous.",
    "invalid-input": "Ce n'est pas correct. Vérifiez ce que vous avez saisi.",
    conflict: "Ce n'est pas possible ainsi. Recommencez\u00a0; si votre entreprise exige un second facteur, il doit en rester un.",
    "second-factor-required": "Pour cela, vous devez vous connecter avec un second facteur.",
    NotAllowedError: "La clé d'accès n'a pas été créée.", InvalidStateError: "Cet appareil contient déjà une de vos clés d'accès.",
  },
  it: {
    title: "Il mio conto",
    missing: "La Sua azienda richiede un secondo fattore. Ne configuri uno, poi lo usi per accedere.",
    password: "Password", setPassword: "Impostare la password",
    passwordSet: "La password è valida. Le altre sessioni sono terminate.",
    rules: "Almeno 15 caratteri; la cosa più semplice sono più parole. Cifre e segni non sono necessari.",
    current: "Password attuale", fresh: "Nuova password", again: "Ancora una volta",
    different: "Le due immissioni sono diverse.", weak: "Questa password non va bene:",
    factors: "Secondo fattore", factorsWhy: "Così non basta conoscere la Sua password per entrare nel Suo conto.",
    confirm: "La Sua password, per confermare", needConfirm: "La preghiamo di inserire la Sua password per confermare.",
    addApp: "Configurare un'app", addPasskey: "Aggiungere una passkey", label: "Nome della nuova passkey",
    needLabel: "La preghiamo di dare un nome alla passkey.", newCodes: "Nuovi codici di recupero",
    appWhy: "Inserisca la chiave nella Sua app e poi qui il codice che l'app mostra.",
    secret: "Chiave", uri: "Sul telefono", openApp: "Aprire nell'app", appCode: "Codice dell'app",
    confirmApp: "Confermare l'app", app: "App con codici", passkey: "Passkey", remove: "Rimuovere",
    codesLeft: "codici di recupero rimasti", noFactor: "Nessun secondo fattore",
    codesWhy: "I Suoi codici di recupero. Ciascuno vale una sola volta. Li conservi, perché vengono mostrati soltanto ora.",
    added: "Il secondo fattore è configurato. Le altre sessioni sono terminate.", removed: "La rimozione è effettuata.",
    codesMade: "I nuovi codici sono validi, i vecchi non più.",
    requireAll: "Richiederlo a tutti", requireNone: "Non richiederlo più a tutti", required: "La modifica è effettuata.",
    sessions: "Le Sue sessioni aperte", endOthers: "Terminare tutte le altre", end: "Terminare", ended: "Fatto.", here: "qui",
    "credentials-refused": "La password non è corretta.",
    "sign-in-anew": "Per questo il Suo accesso deve risalire al massimo a dieci minuti fa, con il secondo fattore se ne ha uno. Esca e acceda di nuovo.",
    "invalid-input": "Non è corretto. Controlli ciò che ha inserito.",
    conflict: "Così non è possibile. Ricominci; se la Sua azienda richiede un secondo fattore, ne deve restare uno.",
    "second-factor-required": "Per questo deve accedere con un secondo fattore.",
    NotAllowedError: "La passkey non è stata creata.", InvalidStateError: "Questo dispositivo contiene già una Sua passkey.",
  },
}, OF_A_SESSION);
const $ = (id) => document.getElementById(id);
const me = { portal: "", roles: [], about: {}, factors: null };

const forget = () => Object.assign(me, { roles: [], about: {}, factors: null });
const { mine, lost } = inside(chosen, () => me.portal, forget);

/** The proof of one's own password. */
const proofOf = async (password) => deriveProof(password, await mine("GET", "staff/me/password/parameters"));

async function enter() {
  const wanted = location.hash.slice(1);
  for (const portal of wanted === "expert" ? ["expert", "admin"] : ["admin", "expert"]) {
    me.portal = portal;
    const session = await sessionOf(portal);
    if (session) {
      me.roles = session.roles;
      $("missing").hidden = !session.second_factor_missing;
      return load();
    }
  }
  return lost();
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
    button.addEventListener("click", () => end(`staff/me/sessions/${session.id}/ending`));
    return make("li", {}, `${said} `, button);
  }));
  $("end-others").hidden = sessions.length < 2;
}

/** Ends other sessions. Who signed in minutes ago may; else it takes the password once more. */
function end(path) {
  return act(async () => {
    const password = me.factors.password && $("confirm").value;
    await mine("POST", path, password ? { proof: await proofOf(password) } : {}).catch((error) => {
      if (error.kind !== "invalid-input") throw error;
      $("confirm").focus();
      throw new Refused("needConfirm");
    });
    $("confirm").value = "";
  }, "ended");
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
$("end-others").addEventListener("click", () => end("staff/me/sessions/ending"));
wireFactors(me, chosen, { mine, proofOf, act });
doing(chosen, enter);
