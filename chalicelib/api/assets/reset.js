// A new password for whoever forgot theirs: first a link by mail is asked for, then its token, which stands behind the #
// of the address, sets the password. Only a proof of it is sent.
import { call, doing, say, send, words } from "./page.js";
import { chosenPassword } from "./new-password.js";
import { deriveProof } from "./proof.js";

const chosen = words({
  de: {
    title: "Neues Passwort",
    askWhy: "Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort setzen können.",
    email: "E-Mail-Adresse", send: "Link schicken",
    sent: "Wenn es zu dieser Adresse ein Konto gibt, ist ein Link unterwegs. Er gilt 30 Minuten.",
    rules: "Mindestens 15 Zeichen; am einfachsten sind mehrere Wörter. Ziffern und Sonderzeichen müssen nicht sein.",
    fresh: "Neues Passwort", again: "Noch einmal", go: "Passwort setzen",
    different: "Die beiden Eingaben sind verschieden.", weak: "Dieses Passwort geht nicht:",
    done: "Das neue Passwort gilt. Alle Sitzungen sind beendet.", signIn: "Anmelden",
  },
  en: {
    title: "New password",
    askWhy: "We send you a link with which you can set a new password.",
    email: "E-mail address", send: "Send the link",
    sent: "If there is an account with this address, a link is on its way. It is valid for 30 minutes.",
    rules: "At least 15 characters; several words are the easiest. Digits and signs are not needed.",
    fresh: "New password", again: "Once more", go: "Set the password",
    different: "The two are not the same.", weak: "This password will not do:",
    done: "The new password holds. All sessions have ended.", signIn: "Sign in",
  },
  fr: {
    title: "Nouveau mot de passe",
    askWhy: "Nous vous envoyons un lien qui vous permet de définir un nouveau mot de passe.",
    email: "Adresse e-mail", send: "Envoyer le lien",
    sent: "S'il existe un compte avec cette adresse, un lien est en route. Il est valable 30 minutes.",
    rules: "Au moins 15 caractères\u00a0; le plus simple est de prendre plusieurs mots. Chiffres et signes ne sont pas nécessaires.",
    fresh: "Nouveau mot de passe", again: "Encore une fois", go: "Définir le mot de passe",
    different: "Les deux saisies sont différentes.", weak: "Ce mot de passe ne convient pas\u00a0:",
    done: "Le nouveau mot de passe est valable. Toutes les sessions sont fermées.", signIn: "Se connecter",
  },
  it: {
    title: "Nuova password",
    askWhy: "Le inviamo un link con cui può impostare una nuova password.",
    email: "Indirizzo e-mail", send: "Inviare il link",
    sent: "Se esiste un conto con questo indirizzo, un link è in arrivo. È valido 30 minuti.",
    rules: "Almeno 15 caratteri; la cosa più semplice sono più parole. Cifre e segni non sono necessari.",
    fresh: "Nuova password", again: "Ancora una volta", go: "Impostare la password",
    different: "Le due immissioni sono diverse.", weak: "Questa password non va bene:",
    done: "La nuova password è valida. Tutte le sessioni sono terminate.", signIn: "Accedere",
  },
});
const $ = (id) => document.getElementById(id);
let token = location.hash.slice(1);

async function ask() {
  await send("reset", "v1/password-resets", { email: $("email").value.trim() });
  $("ask").hidden = true;
  say(chosen.sent, "good");
}

async function set() {
  const password = await chosenPassword(chosen, {});
  if (password === null) return;
  await complete(password).catch(askAnew);
  $("set").hidden = true;
  $("opened").hidden = false;
  history.replaceState(null, "", location.pathname);
  say(chosen.done, "good");
}

async function complete(password) {
  const parameters = await call("POST", "v1/password-resets/parameters", { body: { token } });
  const proof = await deriveProof(password, parameters);
  await call("POST", "v1/password-resets/completion", { body: { token, proof } });
}

/** A link that is of no use leads on to a new one. */
function askAnew(error) {
  if (error.kind?.startsWith("link-")) {
    token = "";
    history.replaceState(null, "", location.pathname);
    offer();
  }
  throw error;
}

function offer() {
  $("ask").hidden = Boolean(token);
  $("set").hidden = !token;
}

for (const [id, action] of [["ask", ask], ["set", set]]) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    doing(chosen, action);
  });
}
offer();
