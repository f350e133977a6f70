// Confirms a registration. It waits for the button, because mail scanners open links and would confirm by themselves.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Registrierung bestätigen",
    why: "Bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört und Sie sich registrieren wollten.",
    confirm: "Ja, bestätigen",
    done: "Danke. Ihre Adresse ist bestätigt; Sie können sich jetzt anmelden.",
  },
  en: {
    title: "Confirm your registration",
    why: "Confirm that this e-mail address is yours and that you meant to register.",
    confirm: "Yes, confirm",
    done: "Thank you. Your address is confirmed; you can sign in now.",
  },
});

const token = location.hash.slice(1);
const ask = document.getElementById("ask");

async function confirm() {
  await call("POST", "v1/registrations/confirmation", { body: { token } });
  ask.hidden = true;
  say(chosen.done, "good");
  history.replaceState(null, "", location.pathname);
}

if (token) {
  document.getElementById("confirm").addEventListener("click", () => doing(chosen, confirm));
} else {
  ask.hidden = true;
  say(chosen["link-invalid"], "bad");
}
