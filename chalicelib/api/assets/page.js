// What the pages behind a link share: the language, the calls, and how a refusal becomes a sentence.

export const language = (navigator.languages || [navigator.language || "en"])
  .map((wish) => wish.slice(0, 2).toLowerCase())
  .find((wish) => wish === "de" || wish === "en") || "en";

const SHARED = {
  de: {
    "link-invalid": "Dieser Link gilt nicht. Bitte öffnen Sie ihn genau so, wie er Ihnen geschickt wurde.",
    "link-used": "Dieser Link wurde schon verwendet oder durch einen neueren ersetzt.",
    "link-expired": "Dieser Link ist abgelaufen.",
    "not-found": "Das gibt es nicht mehr.",
    "slot-taken": "Dieser Zeitpunkt ist nicht mehr frei. Bitte wählen Sie einen anderen.",
    "too-many": "Zu viele Anfragen. Bitte warten Sie einen Moment.",
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
    "slot-taken": "This time is no longer free. Please choose another.",
    "too-many": "Too many requests. Please wait a moment.",
    "try-again": "We are busy right now. Please try again in a moment.",
    offline: "No connection. Please check your network and try again.",
    other: "That did not work. Please try again later.",
    wait: "One moment …",
  },
};

/** The words of a page in the reader's language; also sets the document's language and every [data-text]. */
export function words(own) {
  const chosen = { ...SHARED[language], ...own[language] };
  document.documentElement.lang = language;
  document.title = chosen.title;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = chosen[element.dataset.text];
  }
  return chosen;
}

/** Raised for every answer that is not a success; `kind` is the slug of the problem. */
export class Refused extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/** Calls the API; the token goes into a header, never into the address. */
export async function call(method, path, { link, body } = {}) {
  const headers = { Accept: "application/json" };
  if (link) headers["Zusage-Link"] = link;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Refused("offline");
  }
  const told = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(slug(answer.status, told));
  return told;
}

function slug(status, problem) {
  if (problem && typeof problem.type === "string") return problem.type.slice(problem.type.lastIndexOf(":") + 1);
  return status === 429 ? "too-many" : "other";
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
    say(chosen[error.kind] || chosen.other, "bad");
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
