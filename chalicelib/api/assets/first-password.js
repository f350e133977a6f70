// Replaces the one-time password of the deployment, which opens the installation. Neither password leaves the browser.
import { call, doing, make, say, words } from "./page.js";
import { checkPassword, deriveProof, loadBlocklist } from "./proof.js";

const chosen = words({
  de: {
    title: "Installation öffnen",
    why: "Diese Installation tut noch nichts. Ersetzen Sie das Einmalpasswort, das bei der Bereitstellung ausgegeben wurde, durch ein eigenes.",
    email: "E-Mail-Adresse des Kontos",
    first: "Einmalpasswort",
    second: "Neues Passwort",
    go: "Passwort ersetzen",
    done: "Die Installation ist offen. Melden Sie sich ab jetzt mit dem neuen Passwort an.",
    weak: "Bitte wählen Sie ein anderes Passwort.",
    "credentials-refused": "Adresse oder Einmalpasswort stimmt nicht, oder das neue Passwort ist das alte.",
    conflict: "Die Installation ist schon offen.",
  },
  en: {
    title: "Open the installation",
    why: "This installation does nothing yet. Replace the one-time password that was printed at its deployment by one of your own.",
    email: "E-mail address of the account",
    first: "One-time password",
    second: "New password",
    go: "Replace the password",
    done: "The installation is open. From now on sign in with the new password.",
    weak: "Please choose another password.",
    "credentials-refused": "The address or the one-time password is wrong, or the new password is the old one.",
    conflict: "The installation is open already.",
  },
  fr: {
    title: "Ouvrir l'installation",
    why: "Cette installation ne fait encore rien. Remplacez le mot de passe à usage unique, affiché lors de la mise en service, par un mot de passe à vous.",
    email: "Adresse e-mail du compte",
    first: "Mot de passe à usage unique",
    second: "Nouveau mot de passe",
    go: "Remplacer le mot de passe",
    done: "L'installation est ouverte. Désormais, connectez-vous avec le nouveau mot de passe.",
    weak: "Veuillez choisir un autre mot de passe.",
    "credentials-refused": "L'adresse ou le mot de passe à usage unique n'est pas correct, ou le nouveau mot de passe est l'ancien.",
    conflict: "L'installation est déjà ouverte.",
  },
  it: {
    title: "Aprire l'installazione",
    why: "Questa installazione non fa ancora nulla. Sostituisca la password monouso, mostrata alla messa in servizio, con una Sua.",
    email: "Indirizzo e-mail del conto",
    first: "Password monouso",
    second: "Nuova password",
    go: "Sostituire la password",
    done: "L'installazione è aperta. D'ora in poi acceda con la nuova password.",
    weak: "La preghiamo di scegliere un'altra password.",
    "credentials-refused": "L'indirizzo o la password monouso non è corretta, oppure la nuova password è quella vecchia.",
    conflict: "L'installazione è già aperta.",
  },
});
const form = document.getElementById("change");
const wrong = document.getElementById("wrong");
const given = (id) => document.getElementById(id).value;

/** Whether the new password is good enough; says why not. */
async function isGood(email) {
  const reasons = checkPassword(given("second"), { email, blocklist: await loadBlocklist() });
  wrong.replaceChildren(...reasons.map((reason) => make("li", {}, reason.text)));
  return reasons.length === 0;
}

async function replace() {
  const email = given("email").trim();
  if (!await isGood(email)) {
    say(chosen.weak, "bad");
    return;
  }
  const parameters = await call("POST", "v1/sign-in/parameters", { body: { email } });
  const [proof, renewed] = await Promise.all([given("first").trim(), given("second")].map((each) => deriveProof(each, parameters)));
  await call("POST", "v1/operator/first-password", { body: { email, proof, new_proof: renewed } });
  form.hidden = true;
  say(chosen.done, "good");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, replace);
});
