// Times that an expert proposes: choose one. The token stands behind the # of the address (#choose=...).
import { goOn, present } from "./offer.js";
import { call, doing, make, say, words } from "./page.js";
import { span } from "./spoken.js";

const chosen = words({
  de: {
    title: "Terminvorschläge",
    when: "Wann", service: "Leistung", expert: "Bei", business: "Betrieb", where: "Wo", price: "Preis",
    "on-site": "", phone: "Telefon", video: "Video", customer: "Bei Ihnen",
    number: "Nummer, unter der wir Sie anrufen, falls sich Ihre geändert hat (+41 …)",
    address: "Adresse, an die wir kommen sollen", optional: "freiwillig", yes: "Ja", no: "Nein",
    "invalid-input": "Bitte prüfen Sie Ihre Angaben.",
    conflict: "Bitte wenden Sie sich an den Betrieb.", "read-only": "Bitte wenden Sie sich an den Betrieb.",
    until: "Frei gehalten bis",
    choose: "Wählen Sie eine Zeit", take: "Diese Zeit nehmen",
    "link-used": "Diese Zeiten werden nicht mehr vorgeschlagen, oder Sie haben schon gewählt.",
    "link-expired": "Die Zeit für die Wahl ist vorbei. Bitte wenden Sie sich an den Betrieb.",
  },
  en: {
    title: "Proposed times",
    when: "When", service: "Service", expert: "With", business: "Business", where: "Where", price: "Price",
    "on-site": "", phone: "Phone", video: "Video", customer: "At your place",
    number: "Number at which we call you, if yours has changed (+41 …)",
    address: "Address to which we should come", optional: "optional", yes: "Yes", no: "No",
    "invalid-input": "Please check what you entered.",
    conflict: "Please turn to the business.", "read-only": "Please turn to the business.",
    until: "Kept free until",
    choose: "Choose a time", take: "Take this time",
    "link-used": "These times are not proposed any more, or you have chosen already.",
    "link-expired": "The time to choose is over. Please turn to the business.",
  },
  fr: {
    title: "Horaires proposés",
    when: "Date", service: "Prestation", expert: "Avec", business: "Entreprise", where: "Lieu", price: "Prix",
    "on-site": "", phone: "Téléphone", video: "Vidéo", customer: "Chez vous",
    number: "Numéro auquel nous vous appelons, si le vôtre a changé (+41 …)",
    address: "Adresse à laquelle nous devons venir", optional: "facultatif", yes: "Oui", no: "Non",
    "invalid-input": "Veuillez vérifier vos indications.",
    conflict: "Veuillez vous adresser à l'entreprise.", "read-only": "Veuillez vous adresser à l'entreprise.",
    until: "Réservés jusqu'au",
    choose: "Choisissez un horaire", take: "Prendre cet horaire",
    "link-used": "Ces horaires ne sont plus proposés, ou vous avez déjà choisi.",
    "link-expired": "Le délai pour choisir est passé. Veuillez vous adresser à l'entreprise.",
  },
  it: {
    title: "Orari proposti",
    when: "Data", service: "Prestazione", expert: "Con", business: "Azienda", where: "Luogo", price: "Prezzo",
    "on-site": "", phone: "Telefono", video: "Video", customer: "Da Lei",
    number: "Numero al quale La chiamiamo, se il Suo è cambiato (+41 …)",
    address: "Indirizzo al quale dobbiamo venire", optional: "facoltativo", yes: "Sì", no: "No",
    "invalid-input": "La preghiamo di controllare le Sue indicazioni.",
    conflict: "La preghiamo di rivolgersi all'azienda.", "read-only": "La preghiamo di rivolgersi all'azienda.",
    until: "Tenuti liberi fino a",
    choose: "Scelga un orario", take: "Prendere questo orario",
    "link-used": "Questi orari non sono più proposti, oppure ha già scelto.",
    "link-expired": "Il termine per scegliere è scaduto. La preghiamo di rivolgersi all'azienda.",
  },
});
const $ = (id) => document.getElementById(id);
const link = new URLSearchParams(location.hash.slice(1)).get("choose");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
let extras;

async function load() {
  const proposal = await call("GET", "v1/proposal", { link });
  extras = await present(proposal, chosen);
  $("message").textContent = proposal.message || "";
  $("times").replaceChildren(...proposal.starts.map((start) => time(start, proposal)));
  $("offer").hidden = false;
  say("");
}

function time(start, proposal) {
  const box = make("input", { type: "radio", name: "start", value: start, required: "" });
  const end = new Date(new Date(start).getTime() + proposal.duration * 60_000);
  return make("label", {}, box, ` ${span(start, end, zone || proposal.zone)}`);
}

async function take() {
  const start = document.querySelector("input[name=start]:checked").value;
  const body = { ...extras(), starts_at: start, ...(zone ? { zone } : {}) };
  goOn(await call("POST", "v1/proposal/choice", { link, body }));
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(chosen, take);
});

if (link) {
  doing(chosen, load);
} else {
  say(chosen["link-invalid"], "bad");
}
