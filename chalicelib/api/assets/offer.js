// What the pages of a kept place and of a proposal share: the words, what is offered, and what a yes still needs.
import { call, doing, make, say } from "./page.js";
import { ask } from "./questions.js";
import { money, span } from "./spoken.js";

/** What both say. */
export const OF_AN_OFFER = {
  de: {
    when: "Wann", service: "Leistung", expert: "Bei", business: "Betrieb", where: "Wo", price: "Preis",
    "on-site": "", phone: "Telefon", video: "Video", customer: "Bei Ihnen",
    number: "Nummer, unter der wir Sie anrufen, falls sich Ihre geändert hat (+41 …)",
    address: "Adresse, an die wir kommen sollen", optional: "freiwillig", yes: "Ja", no: "Nein",
    conflict: "Bitte wenden Sie sich an den Betrieb.", "read-only": "Bitte wenden Sie sich an den Betrieb.",
  },
  en: {
    when: "When", service: "Service", expert: "With", business: "Business", where: "Where", price: "Price",
    "on-site": "", phone: "Phone", video: "Video", customer: "At your place",
    number: "Number at which we call you, if yours has changed (+41 …)",
    address: "Address to which we should come", optional: "optional", yes: "Yes", no: "No",
    conflict: "Please contact the business.", "read-only": "Please contact the business.",
  },
  fr: {
    when: "Date", service: "Prestation", expert: "Avec", business: "Entreprise", where: "Lieu", price: "Prix",
    "on-site": "", phone: "Téléphone", video: "Vidéo", customer: "Chez vous",
    number: "Numéro auquel nous vous appelons, si le vôtre a changé (+41 …)",
    address: "Adresse à laquelle nous devons venir", optional: "facultatif", yes: "Oui", no: "Non",
    conflict: "Veuillez vous adresser à l'entreprise.", "read-only": "Veuillez vous adresser à l'entreprise.",
  },
  it: {
    when: "Data", service: "Prestazione", expert: "Con", business: "Azienda", where: "Luogo", price: "Prezzo",
    "on-site": "", phone: "Telefono", video: "Video", customer: "Da Lei",
    number: "Numero al quale La chiamiamo, se il Suo è cambiato (+41 …)",
    address: "Indirizzo al quale dobbiamo venire", optional: "facoltativo", yes: "Sì", no: "No",
    conflict: "La preghiamo di rivolgersi all'azienda.", "read-only": "La preghiamo di rivolgersi all'azienda.",
  },
};
const $ = (id) => document.getElementById(id);

/**
 * Runs the page for whoever holds `link`: `load` shows what is offered, and gives what `present` gave; sending the form
 * is a yes, which `accept` takes to the server.
 */
export function run(chosen, { link, load, accept }) {
  let extras;
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    doing(chosen, async () => goOn(await accept(extras())));
  });
  if (!link) {
    say(chosen["link-invalid"], "bad");
    return;
  }
  doing(chosen, async () => {
    extras = await load();
    $("offer").hidden = false;
    say("");
  });
}

/** Shows what is offered, and asks what the service asks; gives a function that returns what goes along with a yes. */
export async function present(offer, chosen, more = []) {
  const facts = [
    ...more,
    ["service", offer.service_name],
    ["expert", offer.expert_name],
    ["business", offer.business],
    ["where", chosen[offer.place]],
    ["price", offer.price ? money(offer.price, offer.currency) : ""],
    ["until", span(offer.until, undefined, offer.zone)],
  ].filter(([, value]) => value);
  $("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, chosen[name]), make("dd", {}, value)]));
  const business = await call("GET", `v1/tenants/${offer.tenant}`).catch(() => undefined);
  const service = business?.services.find((each) => each.id === offer.service);
  const answers = ask($("questions"), service?.questions || [], chosen);
  $("to").hidden = offer.place !== "customer";
  $("call").hidden = offer.place !== "phone";
  const number = () => $("phone-number").value.replace(/\s/g, "");
  return () => ({ answers: answers(), address: $("address").value.trim() || null, phone: number() || null });
}

/** Goes on to the appointment that was booked. */
function goOn(booked) {
  location.replace(`appointment#${new URLSearchParams(booked.links)}`);
}
