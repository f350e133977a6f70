"use strict";

const list = document.getElementById("list");
const detail = document.getElementById("message");
const filter = document.getElementById("filter");
const SECONDS = 2;
const CALENDAR_ROWS = { method: "Kind", summary: "What", dtstart: "From", dtend: "To", location: "Where", status: "Status", organizer: "Organizer", sequence: "Version" };

let messages = [];
let shown = Number(location.hash.slice(1)) || 0;
let tab = "";
let drawn = "";

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function instant(text) {
  return new Date(text).toLocaleString("de-CH", { dateStyle: "short", timeStyle: "medium" });
}

// The text with its web addresses as links.
function linked(name, text, attributes = {}) {
  const made = element(name, undefined, attributes);
  made.append(...text.split(/(https?:\/\/\S*[\w\/])/).map((part, index) => index % 2 ? element("a", part, { href: part, target: "_blank", rel: "noopener noreferrer" }) : part));
  return made;
}

function facts(place, rows) {
  place.replaceChildren(...rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
}

async function refresh() {
  try {
    const answer = await fetch("/inbox.json");
    messages = (await answer.json()).messages.reverse();
    draw();
  } catch {
    document.title = "Inbox (not running)";
  }
}

function draw() {
  const now = JSON.stringify([messages, shown, tab, filter.value]);
  if (now === drawn) return;
  drawn = now;
  document.title = `Inbox (${messages.length})`;
  drawList();
  drawMessage(messages.find((message) => message.id === shown) || messages[0]);
}

function drawList() {
  const wanted = filter.value.toLowerCase();
  const fits = (message) => [message.to, message.subject, message.text].join(" ").toLowerCase().includes(wanted);
  list.replaceChildren(...messages.filter(fits).map(row));
}

function row(message) {
  const made = document.getElementById("row").content.cloneNode(true);
  const button = made.querySelector("button");
  made.querySelector(".badge").textContent = message.provider;
  made.querySelector(".to").textContent = message.to;
  made.querySelector("time").textContent = new Date(message.at).toLocaleTimeString("de-CH", { timeStyle: "short" });
  made.querySelector("time").title = instant(message.at);
  made.querySelector(".line").textContent = message.subject || message.text;
  button.setAttribute("aria-current", message.id === (shown || messages[0].id));
  button.addEventListener("click", () => { shown = message.id; location.hash = shown; draw(); });
  return made;
}

function drawMessage(message) {
  if (!message) return;
  const late = detail.querySelector(".late")?.value;
  const twice = detail.querySelector(".twice")?.checked;
  const made = document.getElementById("detail").content.cloneNode(true);
  made.querySelector("h2").textContent = message.subject || `Text message to ${message.to}`;
  facts(made.querySelector(".facts"), factsOf(message));
  drawFiles(made, message);
  drawTabs(made, message);
  drawReports(made, message, late, twice);
  detail.replaceChildren(made);
}

function factsOf(message) {
  const rows = [["From", message.from], ["To", message.to], ["Taken", instant(message.at)], ["By", `${message.provider}, ${message.provider_id}`]];
  if (message.segments) {
    const { segments, encoding, units } = message.segments;
    rows.push(["Length", `${segments} ${segments === 1 ? "segment" : "segments"} (${encoding}, ${units} units)`]);
  }
  return rows;
}

function drawFiles(made, message) {
  const calendar = message.attachments.find((file) => file.calendar)?.calendar;
  if (calendar) {
    made.querySelector(".calendar").hidden = false;
    facts(made.querySelector(".calendar dl"), Object.entries(CALENDAR_ROWS).map(([key, name]) => [name, key.startsWith("dt") && calendar[key] ? instant(calendar[key]) : calendar[key]]));
  }
  made.querySelector(".files").replaceChildren(...message.attachments.map((file) => {
    const item = element("li");
    item.append(element("a", `${file.filename} (${file.size} bytes)`, { href: file.url, download: file.filename }));
    return item;
  }));
}

function drawTabs(made, message) {
  const bodies = message.kind === "sms"
    ? { Message: () => linked("div", message.text, { class: "bubble" }) }
    : { Mail: () => frame(message.html), Text: () => linked("pre", message.text), Headers: () => element("pre", message.headers.map((header) => header.join(": ")).join("\n")) };
  if (!message.html) delete bodies.Mail;
  const chosen = bodies[tab] ? tab : Object.keys(bodies)[0];
  made.querySelector(".tabs").replaceChildren(...Object.keys(bodies).map((name) => {
    const button = element("button", name, { type: "button", role: "tab", "aria-selected": name === chosen });
    button.addEventListener("click", () => { tab = name; draw(); });
    return button;
  }));
  made.querySelector(".body").replaceChildren(bodies[chosen]());
}

// No scripts, no forms, no access to this page; links open in a tab of their own.
function frame(html) {
  return element("iframe", undefined, { sandbox: "allow-popups allow-popups-to-escape-sandbox", title: "The mail", srcdoc: `<base target="_blank">${html}` });
}

function drawReports(made, message, late, twice) {
  made.querySelector(".late").value = late || 0;
  made.querySelector(".twice").checked = Boolean(twice);
  made.querySelector(".buttons").replaceChildren(...message.events.map((event) => {
    const button = element("button", ["stop", "start"].includes(event) ? event.toUpperCase() : event, { type: "button" });
    button.addEventListener("click", () => report(message, event));
    return button;
  }));
  made.querySelector(".sent").replaceChildren(...message.reports.map((sent) => {
    const item = element("li", undefined, { class: sent.status >= 200 && sent.status < 300 ? "" : "bad" });
    item.append(`${sent.event}: the API answered `, element("b", sent.status || "nothing"), " ", element("code", sent.answer.slice(0, 200)));
    return item;
  }));
}

async function report(message, event) {
  const order = { event, late_seconds: Number(detail.querySelector(".late").value), times: detail.querySelector(".twice").checked ? 2 : 1 };
  await fetch(`/inbox/${message.id}/report`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(order) });
  await refresh();
}

filter.addEventListener("input", draw);
setInterval(refresh, SECONDS * 1000);
refresh();
