// The questions of a service: asked in a form, each with what it is for, and only where the answers before it say so.
import { make } from "./page.js";

const NUMBER = { number: { type: "number", step: "any" }, date: { type: "date" } };

/** Shows the questions in `place` and gives a function that returns the answers as they are sent. */
export function ask(place, questions, chosen) {
  const asked = questions.map((question) => ({ question, ...field(question, chosen) }));
  const isAsked = ({ question: { when } }) => !when || given(asked, when.question).includes(when.answer);
  // What is not asked is not required either: nobody could fill it in.
  const update = () => asked.forEach((each) => {
    each.element.hidden = !isAsked(each);
    for (const part of each.element.querySelectorAll("input, select, textarea")) part.disabled = each.element.hidden;
  });
  place.replaceChildren(...asked.map(({ element }) => element));
  place.addEventListener("input", update);
  update();
  return () => asked.filter((each) => isAsked(each) && each.value() !== undefined)
    .map((each) => ({ question: each.question.id, answer: each.value() }));
}

/** What was answered, as conditions name it. */
function given(asked, id) {
  const each = asked.find(({ question }) => question.id === id);
  const value = each && !each.element.hidden ? each.value() : undefined;
  if (typeof value === "boolean") return [value ? "yes" : "no"];
  return Array.isArray(value) ? value : [String(value ?? "")];
}

function field(question, chosen) {
  const id = `question-${question.id}`;
  const { control, value } = controlOf(question, id, chosen);
  const label = question.required ? question.label : `${question.label} (${chosen.optional})`;
  const several = question.answer === "choices";
  const named = several ? make("legend", {}, label) : make("label", { for: id }, label);
  const why = make("small", { id: `${id}-why` }, question.purpose);
  const element = make(several ? "fieldset" : "p", {}, named, control, why);
  (several ? element : control).setAttribute("aria-describedby", why.id);
  return { element, value };
}

function controlOf({ answer, options, required }, id, chosen) {
  if (answer === "choices") return choices(options, id);
  if (answer === "choice" || answer === "yes-no") {
    const named = answer === "choice" ? options.map((each) => [each, each]) : [["yes", chosen.yes], ["no", chosen.no]];
    const listed = [["", ""], ...named].map(([value, text]) => make("option", { value }, text));
    const control = make("select", { id, ...(required ? { required: "" } : {}) }, ...listed);
    const read = () => (answer === "choice" ? control.value : control.value === "yes");
    return { control, value: () => (control.value ? read() : undefined) };
  }
  const control = answer === "long-text"
    ? make("textarea", { id, rows: "4", maxlength: "4000" })
    : make("input", { id, maxlength: "200", ...NUMBER[answer] });
  if (required) control.required = true;
  const read = () => (answer === "number" ? Number(control.value) : control.value);
  return { control, value: () => (control.value ? read() : undefined) };
}

function choices(options, id) {
  const boxes = options.map((value) => make("input", { type: "checkbox", value }));
  const control = make("span", { id }, ...boxes.map((box) => make("label", {}, box, ` ${box.value}`)));
  const value = () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    return ticked.length ? ticked : undefined;
  };
  return { control, value };
}
