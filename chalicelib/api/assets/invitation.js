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
