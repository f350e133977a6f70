// Confirms or declines an appointment. It waits for a button, because mail scanners open links.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Anfrage entscheiden",
    why: "Um welche Leistung und welche Zeit es geht, steht in der Nachricht mit diesem Link. Wer den Termin wünscht, erfährt sofort, wie Sie entscheiden.",
    confirm: "Termin bestätigen",
    decline: "Anfrage ablehnen",
    confirmed: "Danke. Der Termin ist bestätigt.",
    declined: "Danke. Die Anfrage ist abgelehnt, und die Zeit ist wieder frei.",
    "slot-taken": "Die Anfrage ist verfallen, und die Zeit ist inzwischen vergeben.",
    conflict: "Über diese Anfrage lässt sich nicht mehr entscheiden.",
    "link-used": "Über diese Anfrage wurde schon entschieden, oder sie wurde seither geändert.",
  },
  en: {
    title: "Decide about a request",
    why: "Which service and which time it is about stands in the message with this link. Whoever would like the appointment is told at once how you decide.",
    confirm: "Confirm the appointment",
    decline: "Decline the request",
    confirmed: "Thank you. The appointment is confirmed.",
    declined: "Thank you. The request is declined, and the time is free again.",
    "slot-taken": "The request has lapsed, and the time has gone to somebody else.",
    conflict: "This request can no longer be decided about.",
    "link-used": "This request has been decided about already, or was changed since.",
  },
  fr: {
    title: "Décider d'une demande",
    why: "La prestation et l'horaire figurent dans le message qui contient ce lien. La personne qui souhaite le rendez-vous apprend aussitôt votre décision.",
    confirm: "Confirmer le rendez-vous",
    decline: "Refuser la demande",
    confirmed: "Merci. Le rendez-vous est confirmé.",
    declined: "Merci. La demande est refusée et l'horaire est de nouveau libre.",
    "slot-taken": "La demande a expiré et l'horaire a été attribué entre-temps.",
    conflict: "Il n'est plus possible de décider de cette demande.",
    "link-used": "Cette demande a déjà fait l'objet d'une décision ou a été modifiée depuis.",
  },
  it: {
    title: "Decidere su una richiesta",
    why: "La prestazione e l'orario si trovano nel messaggio che contiene questo link. Chi desidera l'appuntamento viene informato subito della Sua decisione.",
    confirm: "Confermare l'appuntamento",
    decline: "Rifiutare la richiesta",
    confirmed: "Grazie. L'appuntamento è confermato.",
    declined: "Grazie. La richiesta è rifiutata e l'orario è di nuovo libero.",
    "slot-taken": "La richiesta è scaduta e l'orario è stato assegnato nel frattempo.",
    conflict: "Non è più possibile decidere su questa richiesta.",
    "link-used": "Su questa richiesta è già stato deciso, oppure è stata modificata da allora.",
  },
});
const token = location.hash.slice(1);
const ask = document.getElementById("ask");

async function decide(path) {
  const { state } = await call("POST", `v1/pending/${path}`, { body: { token } });
  ask.hidden = true;
  say(chosen[state], "good");
  history.replaceState(null, "", location.pathname);
}

if (token) {
  document.getElementById("confirm").addEventListener("click", () => doing(chosen, () => decide("confirmation")));
  document.getElementById("decline").addEventListener("click", () => doing(chosen, () => decide("refusal")));
} else {
  ask.hidden = true;
  say(chosen["link-invalid"], "bad");
}
