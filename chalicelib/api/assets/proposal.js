// Times that an expert proposes: choose one. The token stands behind the # of the address (#choose=...).
import { OF_AN_OFFER, present, run } from "./offer.js";
import { call, make, words } from "./page.js";
import { span } from "./spoken.js";

const chosen = words({
  de: {
    title: "Terminvorschläge",
    until: "Frei gehalten bis",
    choose: "Wählen Sie eine Zeit", take: "Diese Zeit nehmen",
    "link-used": "Diese Zeiten werden nicht mehr vorgeschlagen, oder Sie haben schon gewählt.",
    "link-expired": "Die Zeit für die Wahl ist vorbei. Bitte wenden Sie sich an den Betrieb.",
  },
  en: {
    title: "Proposed times",
    until: "Kept free until",
    choose: "Choose a time", take: "Take this time",
    "link-used": "These times are not proposed any more, or you have chosen already.",
    "link-expired": "The time to choose is over. Please contact the business.",
  },
  fr: {
    title: "Horaires proposés",
    until: "Réservés jusqu'au",
    choose: "Choisissez un horaire", take: "Prendre cet horaire",
    "link-used": "Ces horaires ne sont plus proposés, ou vous avez déjà choisi.",
    "link-expired": "Le délai pour choisir est passé. Veuillez vous adresser à l'entreprise.",
  },
  it: {
    title: "Orari proposti",
    until: "Tenuti liberi fino a",
    choose: "Scelga un orario", take: "Prendere questo orario",
    "link-used": "Questi orari non sono più proposti, oppure ha già scelto.",
    "link-expired": "Il termine per scegliere è scaduto. La preghiamo di rivolgersi all'azienda.",
  },
}, OF_AN_OFFER);
const $ = (id) => document.getElementById(id);
const link = new URLSearchParams(location.hash.slice(1)).get("choose");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

async function load() {
  const proposal = await call("GET", "v1/proposal", { link });
  const extras = await present(proposal, chosen);
  $("message").textContent = proposal.message || "";
  $("times").replaceChildren(...proposal.starts.map((start) => time(start, proposal)));
  return extras;
}

function time(start, proposal) {
  const box = make("input", { type: "radio", name: "start", value: start, required: "" });
  const end = new Date(new Date(start).getTime() + proposal.duration * 60_000);
  return make("label", {}, box, ` ${span(start, end, zone || proposal.zone)}`);
}

async function take(extras) {
  const start = document.querySelector("input[name=start]:checked").value;
  const body = { ...extras, starts_at: start, ...(zone ? { zone } : {}) };
  return call("POST", "v1/proposal/choice", { link, body });
}

run(chosen, { link, load, accept: take });
