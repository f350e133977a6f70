// Accepts an invitation: shows who invites, asks for the name, and leads to one's account, where a password is set.
import { call, doing, language, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Einladung annehmen",
    invites: "lädt Sie ein, bei Zusage mitzuarbeiten.",
    given: "Vorname",
    family: "Nachname",
    phone: "Telefonnummer mit Landesvorwahl, zum Beispiel +41791234567 (freiwillig)",
    notice: "Datenschutzerklärung lesen",
    accepts: "Mit dem Beitritt nehmen Sie die Nutzungsbedingungen und die Datenschutzerklärung an.",
    go: "Beitreten",
    done: "Willkommen. Sie gehören jetzt dazu und sind angemeldet.",
    next: "Setzen Sie jetzt ein Passwort, oder lassen Sie sich künftig zum Anmelden einen Link schicken.",
    account: "Passwort setzen",
    conflict: "Zu dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich damit an, oder lassen Sie sich mit einer anderen Adresse einladen.",
    "read-only": "Diesem Betrieb kann zurzeit niemand beitreten.",
  },
  en: {
    title: "Accept an invitation",
    invites: "invites you to join them on Zusage.",
    given: "Given name",
    family: "Family name",
    phone: "Phone number with country code, such as +41791234567 (optional)",
    notice: "Read the privacy notice",
    accepts: "By joining you accept the terms of use and the privacy notice.",
    go: "Join",
    done: "Welcome. You belong to the team now, and are signed in.",
    next: "Set a password now, or have a link sent whenever you want to sign in.",
    account: "Set a password",
    conflict: "There is an account with this e-mail address already. Sign in with it, or ask to be invited with another address.",
    "read-only": "Nobody can join this business at present.",
  },
  fr: {
    title: "Accepter l'invitation",
    invites: "vous invite à rejoindre son équipe sur Zusage.",
    given: "Prénom",
    family: "Nom",
    phone: "Numéro de téléphone avec indicatif du pays, par exemple +41791234567 (facultatif)",
    notice: "Lire la déclaration de protection des données",
    accepts: "En rejoignant l'équipe, vous acceptez les conditions d'utilisation et la déclaration de protection des données.",
    go: "Rejoindre l'équipe",
    done: "Bienvenue. Vous faites maintenant partie de l'équipe et la connexion est établie.",
    next: "Définissez maintenant un mot de passe, ou recevez désormais un lien chaque fois que vous voulez vous connecter.",
    account: "Définir un mot de passe",
    conflict: "Il existe déjà un compte avec cette adresse e-mail. Utilisez-la pour vous connecter, ou demandez une invitation à une autre adresse.",
    "read-only": "Personne ne peut rejoindre cette entreprise en ce moment.",
  },
  it: {
    title: "Accettare l'invito",
    invites: "La invita a collaborare su Zusage.",
    given: "Nome",
    family: "Cognome",
    phone: "Numero di telefono con prefisso internazionale, per esempio +41791234567 (facoltativo)",
    notice: "Leggere l'informativa sulla protezione dei dati",
    accepts: "Aderendo accetta le condizioni d'uso e l'informativa sulla protezione dei dati.",
    go: "Aderire",
    done: "Ora fa parte del gruppo e l'accesso è effettuato. Le diamo il benvenuto.",
    next: "Imposti ora una password, oppure in futuro si faccia inviare un link ogni volta che vuole accedere.",
    account: "Impostare una password",
    conflict: "Con questo indirizzo e-mail esiste già un conto. Lo usi per accedere, oppure si faccia invitare con un altro indirizzo.",
    "read-only": "Al momento nessuno può aderire a questa azienda.",
  },
});
const token = location.hash.slice(1);
const form = document.getElementById("join");
let versions;

async function look() {
  const offered = await call("GET", "v1/invitation", { link: token });
  versions = await call("GET", "v1/registrations");
  document.getElementById("who").textContent = `${offered.business} ${chosen.invites}`;
  document.getElementById("notice").href = `notice?language=${language}`;
  form.hidden = false;
  say("");
}

async function join() {
  const phone = document.getElementById("phone").value.trim();
  await call("POST", "v1/invitation/acceptance", {
    keeps: true,
    body: {
      token,
      keep: "cookie",
      given_name: document.getElementById("given-name").value.trim(),
      family_name: document.getElementById("family-name").value.trim(),
      ...(phone ? { phone } : {}),
      language,
      terms_version: versions.terms_version,
      notice_version: versions.notice_version,
    },
  });
  form.hidden = true;
  document.getElementById("opened").hidden = false;
  say(chosen.done, "good");
  history.replaceState(null, "", location.pathname);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, join);
});
if (token) {
  doing(chosen, look);
} else {
  say(chosen["link-invalid"], "bad");
}
