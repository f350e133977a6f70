// One's own linked calendars. Microsoft and Google lead back here with a code, which counts in the session only that
// began it; it is taken out of the address at once.
import { doing, make, say, words } from "./page.js";
import { OF_A_SESSION, inside, sessionOf } from "./session.js";

const chosen = words({
  de: {
    title: "Meine Kalender",
    why: "Was in einem verknüpften Kalender steht, zeigt sich nur als belegte Zeit. Gespeichert werden Beginn und Ende, sonst nichts.",
    microsoft: "Microsoft 365 oder Outlook.com verknüpfen", google: "Google verknüpfen", remove: "Entfernen",
    "microsoft-graph": "Microsoft", "google-calendar": "Google", caldav: "CalDAV",
    connecting: "wird verbunden", working: "verbunden", broken: "lässt uns nicht mehr hinein",
    linked: "Der Kalender ist verknüpft. In einer Minute zeigt er sich.", none: "Noch kein Kalender ist verknüpft.",
    removed: "Entfernt.",
    removedHere: "Entfernt. Bei Microsoft nehmen Sie die Erlaubnis unter myapps.microsoft.com selbst zurück.",
    refused: "Sie haben beim Anbieter nicht zugestimmt.",
    conflict: "Das geht so nicht: Setzen Sie zuerst Ihre Arbeitszeiten.",
    "invalid-input": "Der Anbieter lässt uns nicht hinein. Beginnen Sie noch einmal.",
  },
  en: {
    title: "My calendars",
    why: "What stands in a linked calendar shows as busy time only. Start and end are stored, and nothing else.",
    microsoft: "Link Microsoft 365 or Outlook.com", google: "Link Google", remove: "Remove",
    "microsoft-graph": "Microsoft", "google-calendar": "Google", caldav: "CalDAV",
    connecting: "being connected", working: "connected", broken: "does not let us in any more",
    linked: "The calendar is linked. It shows in a minute.", none: "No calendar is linked yet.",
    removed: "Removed.",
    removedHere: "Removed. At Microsoft, take the permission back yourself, at myapps.microsoft.com.",
    refused: "You did not agree at the provider.",
    conflict: "That does not work: set your working hours first.",
    "invalid-input": "The provider does not let us in. Begin again.",
  },
  fr: {
    title: "Mes agendas",
    why: "Le contenu d'un agenda relié n'apparaît que comme temps occupé. Nous enregistrons le début et la fin, rien d'autre.",
    microsoft: "Relier Microsoft 365 ou Outlook.com", google: "Relier Google", remove: "Supprimer",
    "microsoft-graph": "Microsoft", "google-calendar": "Google", caldav: "CalDAV",
    connecting: "liaison en cours", working: "relié", broken: "ne nous donne plus accès",
    linked: "L'agenda est relié. Il apparaîtra dans une minute.", none: "Aucun agenda n'est encore relié.",
    removed: "L'agenda est supprimé.",
    removedHere: "L'agenda est supprimé. Chez Microsoft, retirez vous-même l'autorisation sous myapps.microsoft.com.",
    refused: "Vous n'avez pas donné votre accord au fournisseur.",
    conflict: "Ce n'est pas possible ainsi. Définissez d'abord vos heures de travail.",
    "invalid-input": "Le fournisseur ne nous donne pas accès. Veuillez recommencer.",
  },
  it: {
    title: "I miei calendari",
    why: "Il contenuto di un calendario collegato appare solo come tempo occupato. Salviamo l'inizio e la fine, nient'altro.",
    microsoft: "Collegare Microsoft 365 o Outlook.com", google: "Collegare Google", remove: "Rimuovere",
    "microsoft-graph": "Microsoft", "google-calendar": "Google", caldav: "CalDAV",
    connecting: "collegamento in corso", working: "collegato", broken: "non ci dà più accesso",
    linked: "Il calendario è collegato. Apparirà tra un minuto.", none: "Nessun calendario è ancora collegato.",
    removed: "Il calendario è rimosso.",
    removedHere: "Il calendario è rimosso. Presso Microsoft, revochi Lei l'autorizzazione su myapps.microsoft.com.",
    refused: "Presso il fornitore non ha dato il Suo consenso.",
    conflict: "Così non è possibile. Imposti prima i Suoi orari di lavoro.",
    "invalid-input": "Il fornitore non ci dà accesso. La preghiamo di ricominciare.",
  },
}, OF_A_SESSION);
const MICROSOFT = "microsoft-graph";
const $ = (id) => document.getElementById(id);
const given = new URLSearchParams(location.search);
history.replaceState(null, "", location.pathname);
let portal = "";

const { mine, lost } = inside(chosen, () => portal);

/** The portals in which somebody is signed in here. */
async function portals() {
  const open = [];
  for (const each of ["expert", "admin"]) {
    if (await sessionOf(each)) open.push(each);
  }
  return open;
}

/** Whoever is signed in twice began in one of the two sessions. */
async function finish(open) {
  for (const each of open) {
    portal = each;
    const last = each === open[open.length - 1];
    try {
      return await mine("POST", "calendars/callback", { code: given.get("code"), state: given.get("state") });
    } catch (error) {
      if (last || error.kind !== "link-invalid") throw error;
    }
  }
}

async function show() {
  const { calendars } = await mine("GET", "calendars");
  $("linked").replaceChildren(...calendars.map(entry));
  $("inside").hidden = false;
  return calendars.length;
}

function entry(link) {
  const button = make("button", { type: "button" }, chosen.remove);
  button.addEventListener("click", () => doing(chosen, async () => {
    await mine("DELETE", `calendars/${link.id}`);
    await show();
    say(link.calendar === MICROSOFT ? chosen.removedHere : chosen.removed, "good");
  }));
  return make("li", {}, `${chosen[link.calendar]}: ${chosen[link.state]} `, button);
}

async function begin(provider) {
  const { address } = await mine("POST", `calendars/${provider}`);
  location.assign(address);
}

async function enter() {
  const open = await portals();
  if (!open.length) {
    lost();
    return;
  }
  [portal] = open;
  if (given.has("code")) await finish(open);
  const count = await show();
  if (given.has("error")) say(chosen.refused, "bad");
  else if (given.has("code")) say(chosen.linked, "good");
  else say(count ? "" : chosen.none);
}

$("microsoft").addEventListener("click", () => doing(chosen, () => begin(MICROSOFT)));
$("google").addEventListener("click", () => doing(chosen, () => begin("google-calendar")));
doing(chosen, enter);
