// Signs staff in: with the link that was sent by mail, whose token stands behind the # of the address, or with a
// password; then with a second factor, if there is one. The password itself is never sent. A link waits for the button,
// because mail scanners open links and would use them up.
import { call, doing, say, send, words } from "./page.js";
import { deriveProof } from "./proof.js";
import { canUsePasskeys, usePasskey } from "./passkey.js";

const chosen = words({
  de: {
    title: "Anmelden",
    byLink: "Der Link in Ihrer E-Mail gilt für eine Anmeldung.",
    email: "E-Mail-Adresse", password: "Passwort",
    portal: "Wohin?", admin: "Verwaltung", expert: "Termine (Expertinnen und Experten)", api: "Schnittstelle (Token zeigen)",
    go: "Anmelden", sendLink: "Link per E-Mail schicken", forgot: "Passwort vergessen?",
    sent: "Wenn es zu dieser Adresse ein Konto gibt, ist ein Link unterwegs.",
    needEmail: "Bitte geben Sie Ihre E-Mail-Adresse ein.", needPassword: "Bitte geben Sie Ihr Passwort ein.",
    secondWhy: "Noch ein Schritt: Weisen Sie sich mit Ihrem zweiten Faktor aus.",
    usePasskey: "Mit Passkey anmelden", code: "Code der App oder ein Wiederherstellungscode",
    done: "Sie sind angemeldet.", account: "Zu meinem Konto",
    session: "Ihre Sitzung für die Schnittstelle; sie wird nur hier und nur einmal gezeigt:",
    "credentials-refused": "Das stimmt nicht. Prüfen Sie Ihre Angaben, oder lassen Sie sich einen Link schicken.",
    "not-allowed": "Diesen Bereich gibt es für Ihr Konto nicht. Bitte wählen Sie einen anderen.",
    NotAllowedError: "Der Passkey wurde nicht verwendet. Versuchen Sie es noch einmal, oder nehmen Sie einen Code.",
  },
  en: {
    title: "Sign in",
    byLink: "The link in your mail is good for one sign-in.",
    email: "E-mail address", password: "Password",
    portal: "Where to?", admin: "Administration", expert: "Appointments (experts)", api: "API (show the token)",
    go: "Sign in", sendLink: "Send a link by mail", forgot: "Forgot your password?",
    sent: "If there is an account with this address, a link is on its way.",
    needEmail: "Please enter your e-mail address.", needPassword: "Please enter your password.",
    secondWhy: "One more step: prove yourself with your second factor.",
    usePasskey: "Use a passkey", code: "Code of the app, or a recovery code",
    done: "You are signed in.", account: "Go to my account",
    session: "Your session for the API; it is shown here only, and only once:",
    "credentials-refused": "That is not right. Check what you entered, or have a link sent.",
    "not-allowed": "Your account has no such area. Please choose another one.",
    NotAllowedError: "The passkey was not used. Try again, or take a code.",
  },
  fr: {
    title: "Se connecter",
    byLink: "Le lien reçu par e-mail est valable pour une seule connexion.",
    email: "Adresse e-mail", password: "Mot de passe",
    portal: "Quel espace\u00a0?", admin: "Administration", expert: "Rendez-vous (spécialistes)", api: "Interface (afficher le jeton)",
    go: "Se connecter", sendLink: "Envoyer un lien par e-mail", forgot: "Mot de passe oublié\u00a0?",
    sent: "S'il existe un compte avec cette adresse, un lien est en route.",
    needEmail: "Veuillez saisir votre adresse e-mail.", needPassword: "Veuillez saisir votre mot de passe.",
    secondWhy: "Encore une étape\u00a0: identifiez-vous avec votre second facteur.",
    usePasskey: "Utiliser une clé d'accès", code: "Code de l'application ou code de récupération",
    done: "La connexion est établie.", account: "Ouvrir mon compte",
    session: "Votre session pour l'interface\u00a0; elle n'est affichée qu'ici et qu'une seule fois\u00a0:",
    "credentials-refused": "Ce n'est pas correct. Vérifiez vos indications, ou faites-vous envoyer un lien.",
    "not-allowed": "Cet espace n'existe pas pour votre compte. Veuillez en choisir un autre.",
    NotAllowedError: "La clé d'accès n'a pas été utilisée. Réessayez, ou prenez un code.",
  },
  it: {
    title: "Accedere",
    byLink: "Il link ricevuto per e-mail vale per un solo accesso.",
    email: "Indirizzo e-mail", password: "Password",
    portal: "Quale area?", admin: "Amministrazione", expert: "Appuntamenti (specialisti)", api: "Interfaccia (mostrare il token)",
    go: "Accedere", sendLink: "Inviare un link per e-mail", forgot: "Ha dimenticato la password?",
    sent: "Se esiste un conto con questo indirizzo, un link è in arrivo.",
    needEmail: "La preghiamo di inserire il Suo indirizzo e-mail.", needPassword: "La preghiamo di inserire la Sua password.",
    secondWhy: "Ancora un passo: si identifichi con il Suo secondo fattore.",
    usePasskey: "Usare una passkey", code: "Codice dell'app o codice di recupero",
    done: "L'accesso è effettuato.", account: "Aprire il mio conto",
    session: "La Sua sessione per l'interfaccia; viene mostrata solo qui e una sola volta:",
    "credentials-refused": "Non è corretto. Controlli i Suoi dati, oppure si faccia inviare un link.",
    "not-allowed": "Quest'area non esiste per il Suo conto. La preghiamo di sceglierne un'altra.",
    NotAllowedError: "La passkey non è stata utilizzata. Riprovi, oppure prenda un codice.",
  },
});
const $ = (id) => document.getElementById(id);
let token = location.hash.slice(1);
let pending;

const where = () => ($("portal").value ? { portal: $("portal").value, keep: "cookie" } : { portal: null, keep: "token" });

async function byLink() {
  await admitted(await call("POST", "v1/sessions", { body: { token, ...where() }, keeps: true }).catch(otherWays));
  history.replaceState(null, "", location.pathname);
}

/** A link that is of no use leads on to a new one, or to the password. */
function otherWays(error) {
  if (error.kind?.startsWith("link-")) {
    token = "";
    history.replaceState(null, "", location.pathname);
    offer();
  }
  throw error;
}

async function byPassword() {
  const email = $("email").value.trim();
  const parameters = await call("POST", "v1/sign-in/parameters", { body: { email } });
  const proof = await deriveProof($("password").value, parameters);
  await admitted(await send("sign-in", "v1/sign-in", { email, proof, ...where() }, { keeps: true }));
}

/** Either the session is open, or the second step comes. */
async function admitted(answer) {
  $("password").value = "";
  $("first").hidden = true;
  if (answer.pending) askForSecond(answer);
  else open(answer);
}

function askForSecond(answer) {
  pending = answer.pending;
  const kinds = answer.second_factor;
  $("second").hidden = false;
  $("use-passkey").hidden = !(kinds.includes("passkey") && canUsePasskeys());
  $("by-code").hidden = !kinds.some((kind) => kind !== "passkey");
  say("");
}

function open(session) {
  $("second").hidden = true;
  $("opened").hidden = false;
  $("told").hidden = !session.token;
  $("account").hidden = Boolean(session.token);
  $("account").href = `account#${session.portal}`;
  if (session.token) $("token").textContent = `Authorization: Bearer ${session.token}`;
  say(chosen.done, "good");
}

async function second(factor) {
  const body = { pending, ...factor, keep: where().keep };
  open(await call("POST", "v1/sign-in/second-factor", { body, keeps: true }));
}

async function secondByCode() {
  const code = $("code").value.trim();
  $("code").value = "";
  await second(/^[0-9]{6}$/.test(code) ? { totp: code } : { recovery_code: code || "-" });
}

async function secondByPasskey() {
  const { public_key: options } = await call("POST", "v1/sign-in/second-factor/options", { body: { pending } });
  await second({ passkey: await usePasskey(options) });
}

async function sendLink() {
  await call("POST", "v1/sign-in-links", { body: { email: $("email").value.trim() } });
  say(chosen.sent, "good");
}

/** Runs an action unless a field is empty that it needs; afterwards the second step, if it comes, has the focus. */
async function firstStep(action, needed) {
  const [empty, text] = needed.find(([id]) => !$(id).value.trim()) || [];
  if (empty) {
    say(chosen[text], "bad");
    $(empty).focus();
  } else if (await doing(chosen, action) && pending) {
    ($("use-passkey").hidden ? $("code") : $("use-passkey")).focus();
  }
}

$("first").addEventListener("submit", (event) => {
  event.preventDefault();
  if (token) firstStep(byLink, []);
  else firstStep(byPassword, [["email", "needEmail"], ["password", "needPassword"]]);
});
$("second").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, secondByCode);
});
$("use-passkey").addEventListener("click", () => doing(chosen, secondByPasskey));
$("send-link").addEventListener("click", () => firstStep(sendLink, [["email", "needEmail"]]));

/** What the first step asks for: nothing, with a link. */
function offer() {
  $("first").hidden = false;
  $("by-link").hidden = !token;
  for (const id of ["by-password", "send-link", "forgot"]) $(id).hidden = Boolean(token);
}

offer();
