// Confirms a registration, which signs in too.
import { open } from "./session.js";

open("v1/registrations/confirmation", {
  de: {
    title: "Registrierung bestätigen",
    why: "Bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört und Sie sich registrieren wollten.",
    go: "Ja, bestätigen",
    done: "Danke. Ihre Adresse ist bestätigt, und Sie sind angemeldet.",
    session: "Ihre Sitzung für die Schnittstelle; sie wird nur hier und nur einmal gezeigt:",
  },
  en: {
    title: "Confirm your registration",
    why: "Confirm that this e-mail address is yours and that you meant to register.",
    go: "Yes, confirm",
    done: "Thank you. Your address is confirmed, and you are signed in.",
    session: "Your session for the API; it is shown here only, and only once:",
  },
});
