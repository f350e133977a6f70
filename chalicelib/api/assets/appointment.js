// A customer's own appointment: see it, move it, cancel it, take it over into a calendar. The tokens stand behind the # of
// the address, one for each thing that may be done (#view=...&reschedule=...&cancel=...&calendar=...).
import { forget, remember, remembered } from "./customer.js";
import { call, doing, download, make, say, words } from "./page.js";
import { dayOf, money, span, timeOf } from "./spoken.js";

const chosen = words({
  de: {
    title: "Ihr Termin",
    when: "Wann", service: "Leistung", expert: "Bei", business: "Betrieb", state: "Stand",
    confirmed: "vereinbart", cancelled: "abgesagt", pending: "wartet auf Bestätigung", unpaid: "wartet auf Bezahlung",
    declined: "abgelehnt", lapsed: "verfallen",
    where: "Wo", here: "Bei Ihnen", video: "Video", call: "Wir rufen Sie an", callUs: "Bitte rufen Sie an",
    price: "Preis", lapses: "Gilt bis", cancelUntil: "Absagen bis", moveUntil: "Verschieben bis",
    back: "Sie erhalten {amount} zurück.", nothingBack: "Der bezahlte Betrag wird nicht zurückerstattet.",
    move: "Verschieben", cancel: "Absagen", calendar: "In den Kalender",
    sure: "Wollen Sie den Termin wirklich absagen?", cancelYes: "Ja, absagen", cancelNo: "Nein, behalten",
    choose: "Wählen Sie eine neue Zeit", later: "Spätere Tage", keep: "Beim alten Termin bleiben",
    none: "In diesen Tagen ist nichts frei.",
    moved: "Der Termin ist verschoben.", gone: "Der Termin ist abgesagt.",
    me: "Auf diesem Gerät", name: "Name", email: "E-Mail-Adresse", remember: "An mich erinnern", forget: "Mich vergessen",
    device: "Wenn Sie möchten, merkt sich dieser Browser Ihre Angaben ein halbes Jahr lang in einem Cookie. "
      + "Wir speichern sie nicht.",
    known: "Dieser Browser erinnert sich an Sie.", forgotten: "Dieser Browser hat Sie vergessen.",
    conflict: "Das lässt sich hier nicht mehr ändern. Bitte wenden Sie sich an den Betrieb.",
    "read-only": "Das lässt sich hier nicht mehr ändern. Bitte wenden Sie sich an den Betrieb.",
  },
  en: {
    title: "Your appointment",
    when: "When", service: "Service", expert: "With", business: "Business", state: "State",
    confirmed: "agreed", cancelled: "cancelled", pending: "waits to be confirmed", unpaid: "waits to be paid",
    declined: "declined", lapsed: "lapsed",
    where: "Where", here: "At your place", video: "Video", call: "We call you", callUs: "Please call",
    price: "Price", lapses: "Good until", cancelUntil: "Cancel until", moveUntil: "Move until",
    back: "You get {amount} back.", nothingBack: "What was paid is not paid back.",
    move: "Move", cancel: "Cancel", calendar: "Add to calendar",
    sure: "Do you really want to cancel the appointment?", cancelYes: "Yes, cancel it", cancelNo: "No, keep it",
    choose: "Choose a new time", later: "Later days", keep: "Keep the old time",
    none: "Nothing is free on these days.",
    moved: "The appointment was moved.", gone: "The appointment was cancelled.",
    me: "On this device", name: "Name", email: "E-mail address", remember: "Remember me", forget: "Forget me",
    device: "If you like, this browser keeps your details for half a year in a cookie. We do not store them.",
    known: "This browser remembers you.", forgotten: "This browser has forgotten you.",
    conflict: "This cannot be changed here any more. Please contact the business.",
    "read-only": "This cannot be changed here any more. Please contact the business.",
  },
  fr: {
    title: "Votre rendez-vous",
    when: "Date", service: "Prestation", expert: "Avec", business: "Entreprise", state: "État",
    confirmed: "confirmé", cancelled: "annulé", pending: "en attente de confirmation", unpaid: "en attente de paiement",
    declined: "refusé", lapsed: "expiré",
    where: "Lieu", here: "Chez vous", video: "Vidéo", call: "Nous vous appelons", callUs: "Veuillez nous appeler",
    price: "Prix", lapses: "Valable jusqu'au", cancelUntil: "Annuler jusqu'au", moveUntil: "Déplacer jusqu'au",
    back: "{amount} vous seront remboursés.", nothingBack: "Le montant payé ne sera pas remboursé.",
    move: "Déplacer", cancel: "Annuler", calendar: "Ajouter à l'agenda",
    sure: "Voulez-vous vraiment annuler le rendez-vous\u00a0?", cancelYes: "Oui, annuler", cancelNo: "Non, le garder",
    choose: "Choisissez un nouvel horaire", later: "Jours suivants", keep: "Garder l'ancien rendez-vous",
    none: "Rien n'est libre ces jours-là.",
    moved: "Le rendez-vous est déplacé.", gone: "Le rendez-vous est annulé.",
    me: "Sur cet appareil", name: "Nom", email: "Adresse e-mail", remember: "Se souvenir de moi", forget: "M'oublier",
    device: "Si vous le souhaitez, ce navigateur garde vos coordonnées pendant six mois dans un cookie. "
      + "Nous ne les conservons pas.",
    known: "Ce navigateur se souvient de vous.", forgotten: "Ce navigateur ne se souvient plus de vous.",
    conflict: "Ce n'est plus modifiable ici. Veuillez vous adresser à l'entreprise.",
    "read-only": "Ce n'est plus modifiable ici. Veuillez vous adresser à l'entreprise.",
  },
  it: {
    title: "Il Suo appuntamento",
    when: "Data", service: "Prestazione", expert: "Con", business: "Azienda", state: "Stato",
    confirmed: "confermato", cancelled: "disdetto", pending: "in attesa di conferma", unpaid: "in attesa di pagamento",
    declined: "rifiutato", lapsed: "scaduto",
    where: "Luogo", here: "Da Lei", video: "Video", call: "La chiamiamo noi", callUs: "Ci chiami Lei",
    price: "Prezzo", lapses: "Valido fino a", cancelUntil: "Disdire entro", moveUntil: "Spostare entro",
    back: "Le saranno rimborsati {amount}.", nothingBack: "L'importo pagato non sarà rimborsato.",
    move: "Spostare", cancel: "Disdire", calendar: "Aggiungere al calendario",
    sure: "Desidera davvero disdire l'appuntamento?", cancelYes: "Sì, disdire", cancelNo: "No, mantenerlo",
    choose: "Scelga un nuovo orario", later: "Giorni successivi", keep: "Mantenere il vecchio appuntamento",
    none: "In questi giorni non c'è nulla di libero.",
    moved: "L'appuntamento è stato spostato.", gone: "L'appuntamento è stato disdetto.",
    me: "Su questo dispositivo", name: "Nome", email: "Indirizzo e-mail", remember: "Ricordarsi di me",
    forget: "Dimenticarmi",
    device: "Se lo desidera, questo browser conserva i Suoi dati per sei mesi in un cookie. Noi non li conserviamo.",
    known: "Questo browser si ricorda di Lei.", forgotten: "Questo browser non si ricorda più di Lei.",
    conflict: "Qui non è più possibile modificarlo. La preghiamo di rivolgersi all'azienda.",
    "read-only": "Qui non è più possibile modificarlo. La preghiamo di rivolgersi all'azienda.",
  },
});

const DAY = 86_400_000;
const SPAN = 14 * DAY;
const $ = (id) => document.getElementById(id);
const NAMES = ["view", "reschedule", "cancel", "calendar"];
const HOLDS_TIME = ["unpaid", "pending", "confirmed"];
const tokens = readTokens();
let zone;
let from;

function readTokens() {
  const named = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, named.get(name) || ""]).filter(([, token]) => token));
}

/** A moved appointment has new links; the old ones stop working. */
function keepTokens(links) {
  Object.assign(tokens, links);
  history.replaceState(null, "", `${location.pathname}#${new URLSearchParams(tokens)}`);
}

/** Where it takes place: text, or a link that can be followed. */
function place({ place: kind, address, phone, ours, link }) {
  if (kind === "phone") return phone ? `${ours ? chosen.callUs : chosen.call}: ${phone}` : chosen.call;
  if (kind !== "video") return address || (kind === "customer" ? chosen.here : "");
  const safe = URL.canParse(link) && new URL(link).protocol === "https:";
  return safe ? make("a", { href: link, rel: "noopener noreferrer" }, link) : chosen.video;
}

function facts(appointment) {
  const at = (instant) => instant && span(instant, undefined, zone);
  return [
    ["when", span(appointment.starts_at, appointment.ends_at, zone)],
    ["service", appointment.service_name],
    ["expert", appointment.expert_name],
    ["business", appointment.business],
    ["where", place(appointment.where)],
    ["price", appointment.price ? money(appointment.price, appointment.currency) : ""],
    ["state", chosen[appointment.state] || appointment.state],
    ["lapses", at(appointment.lapses_at)],
    ["moveUntil", tokens.reschedule && at(appointment.move_until)],
    ["cancelUntil", tokens.cancel && at(appointment.cancel_until)],
  ].filter(([, value]) => value);
}

function show(appointment) {
  zone = appointment.zone || undefined;
  const told = facts(appointment).flatMap(([name, value]) => [make("dt", {}, chosen[name]), make("dd", {}, value)]);
  $("facts").replaceChildren(...told);
  const open = HOLDS_TIME.includes(appointment.state) && new Date(appointment.starts_at) > new Date();
  $("choices").hidden = !open;
  $("move").hidden = !tokens.reschedule || !appointment.move_until;
  $("cancel").hidden = !tokens.cancel || !appointment.cancel_until;
  $("calendar").hidden = !tokens.calendar;
  const back = appointment.refund ? chosen.back : chosen.nothingBack;
  const amount = appointment.refund ? money(appointment.refund, appointment.currency) : "";
  $("refund").textContent = appointment.refund === null ? "" : back.replace("{amount}", amount);
  $("sure").hidden = true;
  $("moving").hidden = true;
}

async function load() {
  show(await read());
  say("");
}

async function cancel() {
  await call("POST", "v1/appointment/cancellation", { link: tokens.cancel });
  show(await read());
  say(chosen.gone, "good");
}

async function moveTo(startsAt) {
  const body = { starts_at: startsAt };
  const moved = await call("POST", "v1/appointment/rescheduling", { link: tokens.reschedule, body });
  keepTokens(moved.links);
  show(await read());
  say(chosen.moved, "good");
}

const read = () => call("GET", "v1/appointment", { link: tokens.view || tokens.cancel || tokens.reschedule });

async function listTimes() {
  const asked = new URLSearchParams({ from: instant(from), to: instant(new Date(from.getTime() + SPAN)) });
  const { starts } = await call("GET", `v1/appointment/slots?${asked}`, { link: tokens.reschedule });
  const byDay = new Map();
  for (const startsAt of starts) {
    const day = dayOf(startsAt, zone);
    byDay.set(day, [...(byDay.get(day) || []), startsAt]);
  }
  $("days").replaceChildren(...[...byDay].map(([day, starts]) => dayList(day, starts)));
  say(byDay.size ? "" : chosen.none);
}

const instant = (date) => `${date.toISOString().slice(0, 19)}Z`;

function dayList(day, starts) {
  const times = starts.map((startsAt) => {
    const button = make("button", { type: "button" }, timeOf(startsAt, zone));
    button.addEventListener("click", () => doing(chosen, () => moveTo(startsAt)));
    return make("li", {}, button);
  });
  return make("div", {}, make("h3", {}, day), make("ul", { class: "times" }, ...times));
}

function open(section) {
  for (const id of ["choices", "sure", "moving"]) $(id).hidden = id !== section;
  if (section !== "choices") $(`${section}-title`).focus();
}

$("move").addEventListener("click", async () => {
  from = new Date();
  if (await doing(chosen, listTimes)) open("moving");
});
$("later").addEventListener("click", async () => {
  from = new Date(from.getTime() + SPAN);
  if (await doing(chosen, listTimes)) $("moving-title").focus();
});
$("cancel").addEventListener("click", () => open("sure"));
$("calendar").addEventListener("click", () => doing(chosen, async () => {
  await download("v1/appointment/calendar-file", "appointment.ics", { link: tokens.calendar });
  say("");
}));
$("cancel-no").addEventListener("click", () => { open("choices"); $("cancel").focus(); });
$("keep").addEventListener("click", () => { say(""); open("choices"); $("move").focus(); });
$("cancel-yes").addEventListener("click", () => doing(chosen, cancel));

function showRemembered() {
  const { name = "", email = "" } = remembered();
  $("my-name").value = name;
  $("my-email").value = email;
  $("forget").hidden = !name && !email;
}

$("me").addEventListener("submit", (event) => {
  event.preventDefault();
  remember({ name: $("my-name").value.trim(), email: $("my-email").value.trim() });
  showRemembered();
  say(chosen.known, "good");
});
$("forget").addEventListener("click", () => {
  forget();
  showRemembered();
  say(chosen.forgotten, "good");
  $("my-name").focus();
});

showRemembered();
if (tokens.view || tokens.cancel || tokens.reschedule) {
  doing(chosen, load);
} else {
  say(chosen["link-invalid"], "bad");
}
