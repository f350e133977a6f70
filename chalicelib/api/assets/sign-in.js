// Signs in with the link that was sent by mail.
import { open } from "./session.js";

open("v1/sessions", {
  de: {
    title: "Anmelden",
    why: "Der Link in Ihrer E-Mail gilt für eine Anmeldung.",
    go: "Anmelden",
    done: "Sie sind angemeldet.",
    session: "Ihre Sitzung für die Schnittstelle; sie wird nur hier und nur einmal gezeigt:",
  },
  en: {
    title: "Sign in",
    why: "The link in your mail is good for one sign-in.",
    go: "Sign in",
    done: "You are signed in.",
    session: "Your session for the API; it is shown here only, and only once:",
  },
});
