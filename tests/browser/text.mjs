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
		"With kind regards",
		"Close the message",
		"Destroy it",
	],
	reply: ["Reply", "To", "Your reply", "Files", "up to 100 MB in all", "Send"],
	"state-opened": ["Your message to fred@example.net", "Opened", "Written", "Answered", "To be destroyed"],
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

/* What is wrong with the text, or nothing. */
function fault(state, text) {
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
