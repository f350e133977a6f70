// What the pages behind a link share: the language, the calls, and how a refusal becomes a sentence.

const WISHES = (navigator.languages || [navigator.language || "en"]).map((wish) => wish.slice(0, 2).toLowerCase());
const LOCALES = { de: "de-CH", en: "en-GB", fr: "fr-CH", it: "it-CH" };

// Another link to the same page differs in what stands behind the # only, for which browsers load nothing.
addEventListener("hashchange", () => location.reload());

/** What the page is said in: the first of the reader's languages in which it has `words`, else English. */
export let language = "en";

/** How dates and amounts are written in that language. */
export const locale = () => LOCALES[language];

const SHARED = {
  de: {
    "link-invalid": "Dieser Link gilt nicht. Bitte öffnen Sie ihn genau so, wie er Ihnen geschickt wurde.",
    "link-used": "Dieser Link wurde schon verwendet oder durch einen neueren ersetzt.",
    "link-expired": "Dieser Link ist abgelaufen.",
    "not-found": "Das gibt es nicht mehr.",
    "invalid-input": "Bitte prüfen Sie Ihre Angaben.",
    "not-allowed": "Dazu sind Sie nicht berechtigt.",
    changed: "Das wurde inzwischen geändert. Bitte laden Sie die Seite neu.",
    restricted: "Das geht zurzeit nicht, weil die Bearbeitung dieser Daten eingeschränkt ist.",
    "slot-taken": "Dieser Zeitpunkt ist nicht mehr frei. Bitte wählen Sie einen anderen.",
    "too-many": "Zu viele Anfragen. Bitte warten Sie einen Moment.",
    "too-many-attempts": "Zu viele Versuche. Bitte warten Sie {wait}.",
    "not-signed-in": "Bitte melden Sie sich an.",
    "form-refused": "Diese Seite ist veraltet. Bitte laden Sie sie neu.",
    "setup-required": "Zuerst muss das erste Passwort dieser Installation geändert werden.",
    "try-again": "Gerade ist viel los. Bitte versuchen Sie es gleich noch einmal.",
    offline: "Keine Verbindung. Bitte prüfen Sie das Netz und versuchen Sie es noch einmal.",
    other: "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    wait: "Einen Moment …",
  },
  en: {
    "link-invalid": "This link is not valid. Please open it exactly as it was sent to you.",
    "link-used": "This link was used already or replaced by a newer one.",
    "link-expired": "This link has expired.",
    "not-found": "This no longer exists.",
    "invalid-input": "Please check what you entered.",
    "not-allowed": "You are not allowed to do that.",
    changed: "This was changed meanwhile. Please load the page again.",
    restricted: "That is not possible at present, because the processing of this data is restricted.",
    "slot-taken": "This time is no longer free. Please choose another.",
    "too-many": "Too many requests. Please wait a moment.",
    "too-many-attempts": "Too many attempts. Please wait {wait}.",
    "not-signed-in": "Please sign in.",
    "form-refused": "This page is out of date. Please load it again.",
    "setup-required": "The first password of this installation has to be changed first.",
    "try-again": "We are busy right now. Please try again in a moment.",
    offline: "No connection. Please check your network and try again.",
    other: "That did not work. Please try again later.",
    wait: "One moment …",
  },
  fr: {
    "link-invalid": "Ce lien n'est pas valable. Veuillez l'ouvrir exactement tel qu'il vous a été envoyé.",
    "link-used": "Ce lien a déjà été utilisé ou remplacé par un lien plus récent.",
    "link-expired": "Ce lien a expiré.",
    "not-found": "Cela n'existe plus.",
    "invalid-input": "Veuillez vérifier vos indications.",
    "not-allowed": "Vous n'avez pas le droit de faire cela.",
    changed: "Cela a été modifié entre-temps. Veuillez recharger la page.",
    restricted: "Ce n'est pas possible en ce moment, car le traitement de ces données est limité.",
    "slot-taken": "Cet horaire n'est plus libre. Veuillez en choisir un autre.",
    "too-many": "Trop de demandes. Veuillez patienter un instant.",
    "too-many-attempts": "Trop de tentatives. Veuillez patienter {wait}.",
    "not-signed-in": "Veuillez vous connecter.",
    "form-refused": "Cette page n'est plus à jour. Veuillez la recharger.",
    "setup-required": "Le premier mot de passe de cette installation doit d'abord être changé.",
    "try-again": "Nous sommes très sollicités en ce moment. Veuillez réessayer dans un instant.",
    offline: "Pas de connexion. Veuillez vérifier le réseau et réessayer.",
    other: "Cela n'a pas fonctionné. Veuillez réessayer plus tard.",
    wait: "Un instant …",
  },
  it: {
    "link-invalid": "Questo link non è valido. La preghiamo di aprirlo esattamente come l'ha ricevuto.",
    "link-used": "Questo link è già stato utilizzato o sostituito da uno più recente.",
    "link-expired": "Questo link è scaduto.",
    "not-found": "Non esiste più.",
    "invalid-input": "La preghiamo di controllare le Sue indicazioni.",
    "not-allowed": "Questo non Le è consentito.",
    changed: "Nel frattempo è stato modificato. La preghiamo di ricaricare la pagina.",
    restricted: "Al momento non è possibile, perché il trattamento di questi dati è limitato.",
    "slot-taken": "Questo orario non è più libero. La preghiamo di sceglierne un altro.",
    "too-many": "Troppe richieste. La preghiamo di attendere un momento.",
    "too-many-attempts": "Troppi tentativi. La preghiamo di attendere {wait}.",
    "not-signed-in": "La preghiamo di accedere.",
    "form-refused": "Questa pagina non è più attuale. La preghiamo di ricaricarla.",
    "setup-required": "Prima occorre cambiare la prima password di questa installazione.",
    "try-again": "In questo momento riceviamo molte richieste. La preghiamo di riprovare tra poco.",
    offline: "Nessuna connessione. La preghiamo di controllare la rete e di riprovare.",
    other: "Non ha funzionato. La preghiamo di riprovare più tardi.",
    wait: "Un momento …",
  },
};

/**
 * The words of a page in the reader's language: its own, those of its kind of page (`shared`), and those of all. Also sets
 * the document's language and every [data-text].
 */
export function words(own, shared = {}) {
  language = WISHES.find((wish) => Object.hasOwn(own, wish)) || "en";
  const chosen = { ...SHARED[language], ...shared[language], ...own[language] };
  document.documentElement.lang = language;
  document.title = chosen.title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = chosen[element.dataset.text];
  }
  return chosen;
}

/** Raised for every answer that is not a success; `kind` is the slug of the problem, `seconds` how long to wait. */
export class Refused extends Error {
  constructor(kind, seconds = "") {
    super(kind);
    this.kind = kind;
    this.seconds = seconds;
  }
}

/**
 * Calls the API; the token goes into a header, never into the address. `portal` names the session of which portal it
 * is; `keeps` has the browser keep the session that the answer opens. No other call sends or sets a cookie.
 */
export async function call(method, path, how = {}) {
  const answer = await answered(method, path, how);
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

/** Hands a file of the API to the reader, who holds a link to it. */
export async function download(path, name, how) {
  const address = URL.createObjectURL(await (await answered("GET", path, { ...how, accepts: "*/*" })).blob());
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function answered(method, path, { link, body, form, portal, keeps = false, accepts = "application/json" }) {
  const headers = { Accept: accepts };
  if (link) headers["Zusage-Link"] = link;
  if (form) headers["Zusage-Form"] = form;
  if (portal) headers["Zusage-Portal"] = portal;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: portal || keeps ? "same-origin" : "omit", cache: "no-store", referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Refused("offline");
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new Refused(slug(answer.status, told), answer.headers.get("Retry-After") || "");
}

/** Sends a form of the product: gets it first, since it is good for one use and for a while only. */
export async function send(name, path, body, how = {}) {
  const { token } = await call("GET", `v1/forms/${name}`);
  return call("POST", path, { ...how, body, form: token });
}

function slug(status, problem) {
  if (problem && typeof problem.type === "string") return problem.type.slice(problem.type.lastIndexOf(":") + 1);
  return status === 429 ? "too-many" : "other";
}

/** How long to wait, in seconds or, if it is long, in minutes. */
function spoken(seconds) {
  const [amount, unit] = seconds > 90 ? [Math.ceil(seconds / 60), "minute"] : [Math.max(1, seconds), "second"];
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

/** Shows a sentence where screen readers announce it. */
export function say(text, tone = "") {
  const status = document.getElementById("status");
  status.textContent = text;
  status.className = `status ${tone}`.trim();
}

/** Runs an action with its buttons disabled; a refusal becomes a sentence. Gives whether it went well. */
export async function doing(chosen, action) {
  const buttons = [...document.querySelectorAll("button")];
  const before = buttons.map((button) => button.disabled);
  buttons.forEach((button) => { button.disabled = true; });
  say(chosen.wait);
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error.name);
    say((chosen[error.kind || error.name] || chosen.other).replace("{wait}", () => spoken(error.seconds)), "bad");
    return false;
  } finally {
    buttons.forEach((button, index) => { button.disabled = before[index]; });
  }
}

/** An element with attributes and children; text goes in as text, never as markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
