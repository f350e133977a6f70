// What the pages of a session share: how they are left. Once the session is over, wherever it was ended, they show
// nothing of it any more.
import { call, say } from "./page.js";

/** What they all say. */
export const OF_A_SESSION = {
  de: {
    signIn: "Anmelden", signOut: "Abmelden", signedOut: "Sie sind abgemeldet.",
    stillOpen: "Ihre Sitzung ist noch offen. Laden Sie diese Seite neu, sobald Sie Verbindung haben, und melden Sie sich ab.",
  },
  en: {
    signIn: "Sign in", signOut: "Sign out", signedOut: "You are signed out.",
    stillOpen: "Your session is still open. Load this page again as soon as you are connected, and sign out.",
  },
  fr: {
    signIn: "Se connecter", signOut: "Se déconnecter", signedOut: "Votre session est fermée.",
    stillOpen: "Votre session est encore ouverte. Rechargez cette page dès que vous avez une connexion, puis déconnectez-vous.",
  },
  it: {
    signIn: "Accedere", signOut: "Uscire", signedOut: "La Sua sessione è terminata.",
    stillOpen: "La Sua sessione è ancora aperta. Ricarichi questa pagina appena ha una connessione, poi esca.",
  },
};
const $ = (id) => document.getElementById(id);
const over = new BroadcastChannel("zusage-session-over");

/** The session of a portal; null when nobody is signed in there. */
export const sessionOf = (portal) => call("GET", "v1/session", { portal }).catch(unless("not-signed-in"));

/** A refusal of one kind counts as no answer. */
export function unless(kind) {
  return (error) => {
    if (error.kind === kind) return null;
    throw error;
  };
}

/**
 * The calls of a page in the session of the portal that `portal` gives, and what to do when there is none. What the page
 * shows and what `forget` takes care of is dropped when somebody signs out, here or on another page of this browser, or
 * a call finds the session over. Whoever comes back to a page that the browser kept whole gets it anew.
 */
export function inside(chosen, portal, forget = () => {}) {
  const leave = (text, tone) => {
    $("inside")?.remove();
    $("stranger").hidden = false;
    forget();
    say(chosen[text], tone);
  };
  const lost = () => leave("not-signed-in", "bad");
  const mine = (method, path, body) => call(method, `v1/${path}`, { body, portal: portal() }).catch((error) => {
    if (error.kind === "not-signed-in") lost();
    throw error;
  });

  /** The page is empty before the server is asked, since that may be out of reach. */
  async function signOut() {
    leave("wait", "");
    const ended = await mine("DELETE", "session").then(() => true, (error) => error.kind === "not-signed-in");
    leave(ended ? "signedOut" : "stillOpen", ended ? "good" : "bad");
    if (ended) over.postMessage(portal());
  }

  $("sign-out").addEventListener("click", signOut);
  over.addEventListener("message", ({ data }) => { if (data === portal()) lost(); });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  return { mine, lost };
}
