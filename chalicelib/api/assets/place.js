// A place that is kept for somebody who waits: take it or leave it. The tokens stand behind the # of the address, one for
// each (#accept=...&decline=...). It waits for a button, because mail scanners open links.
import { goOn, present } from "./offer.js";
import { call, doing, say, words } from "./page.js";
import { span } from "./spoken.js";

const chosen = words({
  de: {
    title: "Ein Platz für Sie",
    when: "Wann", service: "Leistung", expert: "Bei", business: "Betrieb", where: "Wo", price: "Preis",
    "on-site": "", phone: "Telefon", video: "Video", customer: "Bei Ihnen",
    number: "Nummer, unter der wir Sie anrufen, falls sich Ihre geändert hat (+41 …)",
    address: "Adresse, an die wir kommen sollen", optional: "freiwillig", yes: "Ja", no: "Nein",
    "invalid-input": "Bitte prüfen Sie Ihre Angaben.",
    conflict: "Bitte wenden Sie sich an den Betrieb.", "read-only": "Bitte wenden Sie sich an den Betrieb.",
    until: "Für Sie frei bis",
    accept: "Platz annehmen", decline: "Ablehnen",
    declined: "Danke. Wir bieten den Platz den Nächsten an; Sie bleiben auf der Warteliste.",
    "link-used": "Dieser Platz wird nicht mehr für Sie freigehalten.",
  },
  en: {
    title: "A place for you",
    when: "When", service: "Service", expert: "With", business: "Business", where: "Where", price: "Price",
    "on-site": "", phone: "Phone", video: "Video", customer: "At your place",
    number: "Number at which we call you, if yours has changed (+41 …)",
    address: "Address to which we should come", optional: "optional", yes: "Yes", no: "No",
    "invalid-input": "Please check what you entered.",
    conflict: "Please turn to the business.", "read-only": "Please turn to the business.",
    until: "Kept for you until",
    accept: "Accept the place", decline: "Decline",
    declined: "Thank you. We offer the place to the next one; you stay on the waiting list.",
    "link-used": "This place is not kept for you any more.",
  },
  fr: {
    title: "Une place pour vous",
    when: "Date", service: "Prestation", expert: "Avec", business: "Entreprise", where: "Lieu", price: "Prix",
    "on-site": "", phone: "Téléphone", video: "Vidéo", customer: "Chez vous",
    number: "Numéro auquel nous vous appelons, si le vôtre a changé (+41 …)",
    address: "Adresse à laquelle nous devons venir", optional: "facultatif", yes: "Oui", no: "Non",
    "invalid-input": "Veuillez vérifier vos indications.",
    conflict: "Veuillez vous adresser à l'entreprise.", "read-only": "Veuillez vous adresser à l'entreprise.",
    until: "Réservé pour vous jusqu'au",
    accept: "Accepter la place", decline: "Refuser",
    declined: "Merci. Nous proposons la place aux personnes suivantes; vous restez sur la liste d'attente.",
    "link-used": "Cette place n'est plus réservée pour vous.",
  },
  it: {
    title: "Un posto per Lei",
    when: "Data", service: "Prestazione", expert: "Con", business: "Azienda", where: "Luogo", price: "Prezzo",
    "on-site": "", phone: "Telefono", video: "Video", customer: "Da Lei",
    number: "Numero al quale La chiamiamo, se il Suo è cambiato (+41 …)",
    address: "Indirizzo al quale dobbiamo venire", optional: "facoltativo", yes: "Sì", no: "No",
    "invalid-input": "La preghiamo di controllare le Sue indicazioni.",
    conflict: "La preghiamo di rivolgersi all'azienda.", "read-only": "La preghiamo di rivolgersi all'azienda.",
    until: "Libero per Lei fino a",
    accept: "Accettare il posto", decline: "Rifiutare",
    declined: "Grazie. Offriamo il posto alle prossime persone; Lei resta nella lista d'attesa.",
    "link-used": "Questo posto non è più riservato per Lei.",
  },
});
const $ = (id) => document.getElementById(id);
const named = new URLSearchParams(location.hash.slice(1));
const tokens = { accept: named.get("accept"), decline: named.get("decline") };
let extras;

async function load() {
  const place = await call("GET", "v1/waiting-place", { link: tokens.accept || tokens.decline });
  extras = await present(place, chosen, [["when", span(place.starts_at, place.ends_at, place.zone)]]);
  $("accept").hidden = !tokens.accept;
  $("decline").hidden = !tokens.decline;
  $("offer").hidden = false;
  say("");
}

async function accept() {
  goOn(await call("POST", "v1/waiting-place/acceptance", { link: tokens.accept, body: extras() }));
}

async function decline() {
  await call("POST", "v1/waiting-place/refusal", { link: tokens.decline });
  $("offer").hidden = true;
  history.replaceState(null, "", location.pathname);
  say(chosen.declined, "good");
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, accept);
});
$("decline").addEventListener("click", () => doing(chosen, decline));

if (tokens.accept || tokens.decline) {
  doing(chosen, load);
} else {
  say(chosen["link-invalid"], "bad");
}
