// Leaves a waiting list. It waits for a button, because mail scanners open links.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Warteliste",
    why: "Wenn Sie die Warteliste verlassen, bieten wir Ihnen keine Zeiten mehr an, die frei werden.",
    leave: "Warteliste verlassen",
    left: "Sie stehen nicht mehr auf der Warteliste.",
  },
  en: {
    title: "Waiting list",
    why: "If you leave the waiting list, we do not offer you any more times that become free.",
    leave: "Leave the waiting list",
    left: "You are not on the waiting list any more.",
  },
  fr: {
    title: "Liste d'attente",
    why: "Si vous quittez la liste d'attente, nous ne vous proposerons plus d'horaires qui se libèrent.",
    leave: "Quitter la liste d'attente",
    left: "Vous n'êtes plus sur la liste d'attente.",
  },
  it: {
    title: "Lista d'attesa",
    why: "Se lascia la lista d'attesa, non Le offriremo più orari che si liberano.",
    leave: "Lasciare la lista d'attesa",
    left: "Lei non è più nella lista d'attesa.",
  },
});
const link = new URLSearchParams(location.hash.slice(1)).get("leave");
const ask = document.getElementById("ask");

async function leave() {
  await call("POST", "v1/waiting-list/departure", { link });
  ask.hidden = true;
  say(chosen.left, "good");
  history.replaceState(null, "", location.pathname);
}

if (link) {
  document.getElementById("leave").addEventListener("click", () => doing(chosen, leave));
} else {
  ask.hidden = true;
  say(chosen["link-invalid"], "bad");
}
