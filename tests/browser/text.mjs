/*
 * Reads every previewed page in the text browsers that are installed: each must
 * say its heading and its footer in that order, tell everything a visitor needs
 * before the button it is needed for, and never show the name of a picture.
 *
 *	node text.mjs PAGES
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const browsers = [
	[["lynx"], ["-dump", "-nolist", "-width=76", "-display_charset=utf-8"]],
	[["w3m"], ["-dump", "-cols", "76", "-O", "UTF-8"]],
	[["links", "links2"], ["-dump", "-width", "76"]],
	[["elinks"], ["-dump", "-no-references", "-no-numbering", "-dump-width", "76"]],
];

/* What must be read, in this order. */
const orders = {
	clue: [
		"A confidential message for you",
		"Marta Keller (marta.keller@example.org)",
		"The clue to the passphrase",
		"What did we eat",
		"Passphrase",
		"Open the message",
		"Until",
		"20 December 2026",
		"asked to be told",
		"The clue does not help me",
		"Do not put",
	],
	"clue-wrong": ["That was not the passphrase", "Nothing is lost", "The clue to the passphrase", "Error: that was not"],
	"held-errors": [
		"Nothing has been sent yet",
		"Take the passphrase out of the clue",
		"Finish sending your message",
		"fred@example.net",
		"How it works",
		"Good and bad clues",
		"Error: the clue contains the passphrase",
		"Error: the passphrase is too short",
		"Forgive small differences",
		"Send securely",
		"I do not want to send this message",
	],
	"message-files": [
		"Your mortgage offer",
		"From",
		"Marta Keller <marta.keller@example.org>",
		"Reply",
		"Save as .eml",
		"File: Mortgage offer Fontaine.pdf",
		"Dear Fred,",
		"Could you tell us what it is per month?",
		"Marta Keller",
		"Close the message",
		"Destroy it",
	],
	reply: ["Reply", "To", "Your reply", "Files", "up to 100 MB in all", "Send"],
	"state-opened": [
		"Your message to fred@example.net",
		"Opened",
		"Secured, because its address carries the mark.",
		"What has happened so far",
		"Written",
		"File taken",
		"Mortgage offer Fontaine.pdf",
		"Answered",
		"To be destroyed",
		"Send the link again",
		"Take it back",
	],
	"act-recall": ["Take the message back", "cannot be undone", "Your mortgage offer", "Type yes to confirm", "Take the message back"],
	"act-passphrase-errors": [
		"Nothing has been changed",
		"Choose a passphrase that is harder to guess",
		"New clue and passphrase",
		"guessable in about 400 tries. Add",
		"kettle maple harbour violet",
	],
	forgotten: ["I do not know the answer", "Marta Keller", "no account", "Type yes to confirm", "Tell the sender"],
	code: ["Type the code from your mail", "The passphrase was right", "fred@example.net", "Eight letters and digits", "Open the message"],
	"desk-sign-in": ["Sign in to your desk", "Your mail address", "the same for every address", "Mail me a code"],
	desk: [
		"Messages",
		"What would happen",
		"Signed in as marta.keller@example.org",
		"Your messages",
		"How it stands",
		"to fred@example.net",
		"not opened,",
		"Next page",
	],
	"desk-message-many": [
		"To fred@example.net",
		"does not know the answer",
		"To joan@example.net",
		"Finish sending it",
		"To office@example.org",
		"Ordinary mail, because the address belongs to Example Savings Bank.",
		"To kim@example.net",
		"Refused",
	],
	"desk-templates": ["Your templates", "New template", "fred@example.net", "@example.com", "everybody there", "ines.fontaine"],
	"template-new-errors": [
		"Nothing has been saved yet",
		"New template",
		"Recipient",
		"Passphrase",
		"guessable in about 3 thousand tries. Add",
		"Ask me each time",
		"Mail me a link",
		"Tell me by mail",
		"Save",
	],
	"desk-import-errors": ["Nothing has been imported", "Line 2, fred: this is no mail address", "Import templates", "The list", "Or a file", "The columns"],
	"desk-would-portal": ["It would be secured and leave at once", "because its address carries the mark. Your template", "Kept for 30 days"],
	demo: ["Mails of this demonstration", "A confidential message for you", "to fred@example.net"],
};

const [pages] = process.argv.slice(2);
if (!pages) {
	console.error("usage: node text.mjs PAGES");
	process.exit(2);
}
let failed = false;

function read(browser, options, file) {
	const run = spawnSync(browser, [...options, file], {
		encoding: "utf8",
		env: { ...process.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" },
	});
	return (run.stdout ?? "").replace(/\s+/g, " ").trim();
}

/* These stand in a frame of a page, which has the way to the content and the footer. */
const framed = ["unshown"];

/* What is wrong with the text, or nothing. */
function fault(state, text) {
	if (framed.includes(state))
		return /cannot be shown/.test(text) ? null : "does not say that it cannot be shown";
	if (!text.startsWith("Skip to the content"))
		return "does not begin with the way to the content";
	if (!text.endsWith("Runs on Postern."))
		return "does not end with the footer";
	if (/\[(logo|IMG|image)\]|\.svg/i.test(text))
		return "shows the name of a picture";
	let from = 0;
	for (const words of orders[state] ?? []) {
		const at = text.indexOf(words, from);
		if (at < 0)
			return `does not say, or not in its place: ${words}`;
		from = at;
	}
	return null;
}

for (const [names, options] of browsers) {
	const browser = names.find((name) => !spawnSync(name, ["-version"]).error);
	if (!browser) {
		console.log(`not ok ${names[0]} is not installed`);
		failed = true;
		continue;
	}
	for (const file of fs.readdirSync(pages).filter((name) => name.endsWith(".html"))) {
		const state = path.basename(file, ".html");
		const wrong = fault(state, read(browser, options, path.join(pages, file)));
		console.log(wrong ? `not ok ${browser} ${state}: ${wrong}` : `ok ${browser} ${state}: reads well`);
		failed ||= wrong !== null;
	}
}
process.exit(failed ? 1 : 0);
