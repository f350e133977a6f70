// Leads to the page of the payment provider. It waits for the button: whoever only looks at a mail asks for no page.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Termin bezahlen",
    why: "Sie bezahlen auf einer Seite des Zahlungsdienstes. Was Sie dort eingeben, erhält der Zahlungsdienst und nicht wir.",
    go: "Weiter zur Bezahlung",
  },
  en: {
    title: "Pay for your appointment",
    why: "You pay on a page of the payment service. What you enter there goes to the payment service and not to us.",
    go: "Continue to payment",
  },
  fr: {
    title: "Payer le rendez-vous",
    why: "Vous payez sur une page du service de paiement. Ce que vous y saisissez est transmis à ce service et non à nous.",
    go: "Continuer vers le paiement",
  },
  it: {
    title: "Pagare l'appuntamento",
    why: "Il pagamento avviene su una pagina del servizio di pagamento. Ciò che vi inserisce va a tale servizio e non a noi.",
    go: "Proseguire con il pagamento",
  },
});
const token = location.hash.slice(1);

async function go() {
  const page = await call("POST", "v1/appointment/payment", { link: token });
  location.assign(page.address);
}

if (token) {
  document.getElementById("go").addEventListener("click", () => doing(chosen, go));
} else {
  document.getElementById("ask").hidden = true;
  say(chosen["link-invalid"], "bad");
}
