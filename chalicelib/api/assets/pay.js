// Leads to the page of the payment provider. It waits for the button: whoever only looks at a mail asks for no page.
import { call, doing, say, words } from "./page.js";

const chosen = words({
  de: {
    title: "Termin bezahlen",
    why: "Sie bezahlen auf einer Seite des Zahlungsdienstes. Was Sie dort eingeben, erhält der Zahlungsdienst und nicht wir.",
    go: "Weiter zur Bezahlung",
    conflict: "Dieser Termin lässt sich hier nicht bezahlen. Bitte wenden Sie sich an den Betrieb.",
  },
  en: {
    title: "Pay for your appointment",
    why: "You pay on a page of the payment service. What you enter there goes to the payment service and not to us.",
    go: "Continue to payment",
    conflict: "This appointment cannot be paid for here. Please contact the business.",
  },
  fr: {
    title: "Payer le rendez-vous",
    why: "Vous payez sur une page du service de paiement. Ce que vous y saisissez est transmis à ce service et non à nous.",
    go: "Continuer vers le paiement",
    conflict: "Ce rendez-vous ne peut pas être payé ici. Veuillez vous adresser à l'entreprise.",
  },
  it: {
    title: "Pagare l'appuntamento",
    why: "Il pagamento avviene su una pagina del servizio di pagamento. Ciò che vi inserisce va a tale servizio e non a noi.",
    go: "Proseguire con il pagamento",
    conflict: "Qui non è possibile pagare questo appuntamento. La preghiamo di rivolgersi all'azienda.",
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
