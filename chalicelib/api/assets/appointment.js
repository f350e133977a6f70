// A customer's own appointment: see it, move it, cancel it. The tokens stand behind the # of the address, one for each
// thing that may be done (#cancel=...&reschedule=...), or a single one for all of it.
import { forget, remember, remembered } from "./customer.js";
import { call, doing, language, make, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Ihr Termin",
    when: "Wann", service: "Leistung", expert: "Bei", business: "Betrieb", state: "Stand",
    confirmed: "vereinbart", cancelled: "abgesagt",
    move: "Verschieben", cancel: "Absagen",
    sure: "Wollen Sie den Termin wirklich absagen?", cancelYes: "Ja, absagen", cancelNo: "Nein, behalten",
    choose: "Wählen Sie eine neue Zeit", later: "Spätere Tage", keep: "Beim alten Termin bleiben",
    none: "In diesen Tagen ist nichts frei.",
    moved: "Der Termin ist verschoben.", gone: "Der Termin ist abgesagt.",
    me: "Auf diesem Gerät", name: "Name", email: "E-Mail-Adresse", remember: "An mich erinnern", forget: "Mich vergessen",
    device: "Wenn Sie möchten, merkt sich dieser Browser Ihre Angaben ein halbes Jahr lang in einem Cookie. "
      + "Wir speichern sie nicht.",
    known: "Dieser Browser erinnert sich an Sie.", forgotten: "Dieser Browser hat Sie vergessen.",
  },
  en: {
    title: "Your appointment",
    when: "When", service: "Service", expert: "With", business: "Business", state: "State",
    confirmed: "agreed", cancelled: "cancelled",
    move: "Move", cancel: "Cancel",
    sure: "Do you really want to cancel the appointment?", cancelYes: "Yes, cancel it", cancelNo: "No, keep it",
    choose: "Choose a new time", later: "Later days", keep: "Keep the old time",
    none: "Nothing is free on these days.",
    moved: "The appointment was moved.", gone: "The appointment was cancelled.",
    me: "On this device", name: "Name", email: "E-mail address", remember: "Remember me", forget: "Forget me",
    device: "If you like, this browser keeps your details for half a year in a cookie. We do not store them.",
    known: "This browser remembers you.", forgotten: "This browser has forgotten you.",
  },
});

const DAY = 86_400_000;
const SPAN = 14 * DAY;
const $ = (id) => document.getElementById(id);
const tokens = readTokens();
let zone;
let from;
let business;

function readTokens() {
  const hash = location.hash.slice(1);
  const named = new URLSearchParams(hash.includes("=") ? hash : "");
  const single = hash.includes("=") ? "" : hash;
  return { cancel: named.get("cancel") || single, reschedule: named.get("reschedule") || single };
}

/** A moved appointment has new links; the old ones stop working. */
function keepTokens(links) {
  if (!links) return;
  tokens.cancel = links.cancel || "";
  tokens.reschedule = links.reschedule || "";
  history.replaceState(null, "", `${location.pathname}#${new URLSearchParams(tokens)}`);
}

const format = (options) => new Intl.DateTimeFormat(language === "de" ? "de-CH" : "en-GB", { timeZone: zone, ...options });
const dayOf = (instant) => format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(instant);
const timeOf = (instant) => format({ hour: "2-digit", minute: "2-digit" }).format(instant);

function span(startsAt, endsAt) {
  const start = new Date(startsAt);
  const end = endsAt ? `–${timeOf(new Date(endsAt))}` : "";
  return `${dayOf(start)}, ${timeOf(start)}${end}${zone ? ` (${zone})` : ""}`;
}

/** The names that stand for the ids of an appointment, as far as the business publishes them. */
function named(appointment) {
  const name = (list, id) => (list || []).find((one) => one.id === id)?.name;
  return {
    service: name(business?.services, appointment.service),
    expert: name(business?.experts, appointment.expert),
    business: business?.name,
  };
}

function show(appointment) {
  zone = appointment.zone || undefined;
  keepTokens(appointment.links);
  const facts = [["when", span(appointment.starts_at, appointment.ends_at)]];
  for (const [name, value] of Object.entries(named(appointment))) if (value) facts.push([name, value]);
  facts.push(["state", chosen[appointment.state] || appointment.state]);
  $("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, chosen[name]), make("dd", {}, value)]));
  const open = appointment.state !== "cancelled" && new Date(appointment.starts_at) > new Date();
  $("choices").hidden = !open;
  $("move").hidden = !tokens.reschedule;
  $("cancel").hidden = !tokens.cancel;
  $("sure").hidden = true;
  $("moving").hidden = true;
}

async function load() {
  const appointment = await reread();
  business = await call("GET", `v1/tenants/${appointment.tenant}`).catch(() => undefined);
  show(appointment);
  say("");
}

async function cancel() {
  show(await call("POST", "v1/appointment/cancellation", { link: tokens.cancel }) || await reread());
  say(chosen.gone, "good");
}

async function moveTo(startsAt) {
  const body = { starts_at: startsAt };
  show(await call("POST", "v1/appointment/rescheduling", { link: tokens.reschedule, body }) || await reread());
  say(chosen.moved, "good");
}

const reread = () => call("GET", "v1/appointment", { link: tokens.cancel || tokens.reschedule });

async function listTimes() {
  const asked = new URLSearchParams({ from: instant(from), to: instant(new Date(from.getTime() + SPAN)) });
  const { starts } = await call("GET", `v1/appointment/slots?${asked}`, { link: tokens.reschedule });
  const byDay = new Map();
  for (const startsAt of starts) {
    const day = dayOf(new Date(startsAt));
    byDay.set(day, [...(byDay.get(day) || []), startsAt]);
  }
  $("days").replaceChildren(...[...byDay].map(([day, starts]) => dayList(day, starts)));
  say(byDay.size ? "" : chosen.none);
}

const instant = (date) => `${date.toISOString().slice(0, 19)}Z`;

function dayList(day, starts) {
  const times = starts.map((startsAt) => {
    const button = make("button", { type: "button" }, timeOf(new Date(startsAt)));
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
if (tokens.cancel || tokens.reschedule) {
  doing(chosen, load);
} else {
  say(chosen["link-invalid"], "bad");
}
