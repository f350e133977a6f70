// Agrees to another e-mail address. It waits for the button, because mail scanners open links.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Neue E-Mail-Adresse",
    why: "Stimmen Sie zu, dass sich die E-Mail-Adresse des Kontos ändert. Sobald auch die andere Adresse zugestimmt hat, gilt die neue, und alle Sitzungen enden.",
    go: "Ja, zustimmen",
    done: "Danke. Sobald beide Adressen zugestimmt haben, melden Sie sich mit der neuen an.",
  },
  en: {
    title: "New e-mail address",
    why: "Agree that the e-mail address of the account changes. As soon as the other address has agreed, too, the new one holds, and all sessions end.",
    go: "Yes, agree",
    done: "Thank you. As soon as both addresses have agreed, sign in with the new one.",
  },
  fr: {
    title: "Nouvelle adresse e-mail",
    why: "Acceptez que l'adresse e-mail du compte change. Dès que l'autre adresse aura aussi donné son accord, la nouvelle sera valable et toutes les sessions seront fermées.",
    go: "Oui, accepter",
    done: "Merci. Dès que les deux adresses auront donné leur accord, connectez-vous avec la nouvelle.",
  },
  it: {
    title: "Nuovo indirizzo e-mail",
    why: "Acconsenta alla modifica dell'indirizzo e-mail del conto. Non appena avrà acconsentito anche l'altro indirizzo, varrà quello nuovo e tutte le sessioni termineranno.",
    go: "Sì, acconsento",
    done: "Grazie. Non appena entrambi gli indirizzi avranno acconsentito, acceda con quello nuovo.",
  },
});
const token = location.hash.slice(1);
const ask = document.getElementById("ask");

async function go() {
  await call("POST", "v1/email-changes/agreement", { body: { token } });
  ask.hidden = true;
  say(chosen.done, "good");
  history.replaceState(null, "", location.pathname);
}

if (token) {
  document.getElementById("go").addEventListener("click", () => doing(chosen, go));
} else {
  ask.hidden = true;
  say(chosen["link-invalid"], "bad");
}
