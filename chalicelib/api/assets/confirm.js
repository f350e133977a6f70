// Confirms a registration, which signs in too. It waits for the button, because mail scanners open links and would use
// them up.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Registrierung bestätigen",
    why: "Bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört und Sie sich registrieren wollten.",
    go: "Ja, bestätigen",
    done: "Danke. Ihre Adresse ist bestätigt, und Sie sind angemeldet.",
    next: "Setzen Sie jetzt ein Passwort, oder lassen Sie sich künftig zum Anmelden einen Link schicken.",
    account: "Passwort setzen",
  },
  en: {
    title: "Confirm your registration",
    why: "Confirm that this e-mail address is yours and that you meant to register.",
    go: "Yes, confirm",
    done: "Thank you. Your address is confirmed, and you are signed in.",
    next: "Set a password now, or have a link sent whenever you want to sign in.",
    account: "Set a password",
  },
  fr: {
    title: "Confirmer l'inscription",
    why: "Confirmez que cette adresse e-mail est la vôtre et que vous souhaitiez vous inscrire.",
    go: "Oui, confirmer",
    done: "Merci. Votre adresse est confirmée et la connexion est établie.",
    next: "Définissez maintenant un mot de passe, ou recevez désormais un lien chaque fois que vous voulez vous connecter.",
    account: "Définir un mot de passe",
  },
  it: {
    title: "Confermare la registrazione",
    why: "Confermi che questo indirizzo e-mail è Suo e che desiderava registrarsi.",
    go: "Sì, confermo",
    done: "Grazie. Il Suo indirizzo è confermato e l'accesso è effettuato.",
    next: "Imposti ora una password, oppure in futuro si faccia inviare un link ogni volta che vuole accedere.",
    account: "Impostare una password",
  },
});
const token = location.hash.slice(1);
const ask = document.getElementById("ask");

async function go() {
  await call("POST", "v1/registrations/confirmation", { body: { token, keep: "cookie" }, keeps: true });
  ask.hidden = true;
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
