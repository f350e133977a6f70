// What the pages of a kept place and of a proposal share: what is offered, and what a yes still needs.
import { call, make } from "./page.js";
import { ask } from "./questions.js";
import { money, span } from "./spoken.js";

const $ = (id) => document.getElementById(id);

/** Shows what is offered, and asks what the service asks; gives a function that returns what goes along with a yes. */
export async function present(offer, chosen, more = []) {
  const facts = [
    ...more,
    ["service", offer.service_name],
    ["expert", offer.expert_name],
    ["business", offer.business],
    ["where", chosen[offer.place]],
    ["price", offer.price ? money(offer.price, offer.currency) : ""],
    ["until", span(offer.until, undefined, offer.zone)],
  ].filter(([, value]) => value);
  $("facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, chosen[name]), make("dd", {}, value)]));
  const business = await call("GET", `v1/tenants/${offer.tenant}`).catch(() => undefined);
  const service = business?.services.find((each) => each.id === offer.service);
  const answers = ask($("questions"), service?.questions || [], chosen);
  $("to").hidden = offer.place !== "customer";
  $("call").hidden = offer.place !== "phone";
  const number = () => $("phone-number").value.replace(/\s/g, "");
  return () => ({ answers: answers(), address: $("address").value.trim() || null, phone: number() || null });
}

/** Goes on to the appointment that was booked. */
export function goOn(booked) {
  location.replace(`appointment#${new URLSearchParams(booked.links)}`);
}
