// A place that is kept for somebody who waits: take it or leave it. The tokens stand behind the # of the address, one for
// each (#accept=...&decline=...). It waits for a button, because mail scanners open links.
import { OF_AN_OFFER, present, run } from "./offer.js";
import { call, doing, say, words } from "./page.js";
import { span } from "./spoken.js";

const chosen = words({
  de: {
    title: "Ein Platz für Sie",
    until: "Für Sie frei bis",
    accept: "Platz annehmen", decline: "Ablehnen",
    declined: "Danke. Wir bieten den Platz den Nächsten an; Sie bleiben auf der Warteliste.",
    "link-used": "Dieser Platz wird nicht mehr für Sie freigehalten.",
  },
  en: {
    title: "A place for you",
    until: "Kept for you until",
    accept: "Accept the place", decline: "Decline",
    declined: "Thank you. We offer the place to the next one; you stay on the waiting list.",
    "link-used": "This place is not kept for you any more.",
  },
  fr: {
    title: "Une place pour vous",
    until: "Réservé pour vous jusqu'au",
    accept: "Accepter la place", decline: "Refuser",
    declined: "Merci. Nous proposons la place aux personnes suivantes\u00a0; vous restez sur la liste d'attente.",
    "link-used": "Cette place n'est plus réservée pour vous.",
  },
  it: {
    title: "Un posto per Lei",
    until: "Libero per Lei fino a",
    accept: "Accettare il posto", decline: "Rifiutare",
    declined: "Grazie. Offriamo il posto alle prossime persone; Lei resta nella lista d'attesa.",
    "link-used": "Questo posto non è più riservato per Lei.",
  },
}, OF_AN_OFFER);
const $ = (id) => document.getElementById(id);
const named = new URLSearchParams(location.hash.slice(1));
const tokens = { accept: named.get("accept"), decline: named.get("decline") };

async function load() {
  const place = await call("GET", "v1/waiting-place", { link: tokens.accept || tokens.decline });
  const extras = await present(place, chosen, [["when", span(place.starts_at, place.ends_at, place.zone)]]);
  $("accept").hidden = !tokens.accept;
  $("decline").hidden = !tokens.decline;
  return extras;
}

async function decline() {
  await call("POST", "v1/waiting-place/refusal", { link: tokens.decline });
  $("offer").hidden = true;
  history.replaceState(null, "", location.pathname);
  say(chosen.declined, "good");
}

$("decline").addEventListener("click", () => doing(chosen, decline));
run(chosen, {
  link: tokens.accept || tokens.decline,
  load,
  accept: (body) => call("POST", "v1/waiting-place/acceptance", { link: tokens.accept, body }),
});
