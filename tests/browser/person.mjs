/*
 * People with a browser, and what they do again and again: for the journeys.
 */
import { chromium } from "playwright-core";

export const clue = "What did we ride in Delft?";
export const passphrase = "the blue bicycle";

/* check() prints a line for a claim, says() for one of what a page has to say; claims.failed tells whether
 * one did not hold. */
export function claiming(journey) {
	const claims = { failed: false };
	const check = (claim, holds, detail) => {
		console.log(holds ? `ok ${journey}: ${claim}` : `not ok ${journey}: ${claim}${detail ? `: ${detail}` : ""}`);
		claims.failed ||= !holds;
	};
	const says = async (page, claim, words) => {
		const text = await page.innerText("main");
		check(claim, words.test(text), text.slice(0, 300).replace(/\s+/g, " "));
	};
	return { check, claims, says };
}

export function launch() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: process.getuid() === 0 ? ["--no-sandbox"] : [],
	});
}

export async function visitor(browser, origin, options = {}) {
	const context = await browser.newContext({
		ignoreHTTPSErrors: true,
		viewport: { width: 1280, height: 900 },
		reducedMotion: "reduce",
		...options,
	});
	const page = await context.newPage();
	const strangers = [];
	const complaints = [];
	page.setDefaultTimeout(30000);
	context.on("request", (request) => {
		if (!/^(data|blob|about):/.test(request.url()) && !request.url().startsWith(`${origin}/`))
			strangers.push(request.url());
	});
	page.on("console", (message) => {
		/* Chromium reports every answer that is not 2xx; those are meant. */
		if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(String(error)));
	page.on("dialog", (dialog) => {
		complaints.push(`a dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	return { context, page, strangers, complaints };
}

export async function farewell(check, who, { context, strangers, complaints }) {
	check(`${who}: nobody else is asked for anything`, strangers.length === 0, strangers.join(" "));
	check(`${who}: the console stays empty`, complaints.length === 0, complaints.join(" | "));
	await context.close();
}

export async function heading(page, words) {
	await page.getByRole("heading", { level: 1, name: words }).waitFor();
}

/* Press the button that says so, and wait for the page that answers. */
export async function push(page, name) {
	await Promise.all([page.waitForNavigation(), page.getByRole("button", { name }).click()]);
}

/* Follow the first link that is called so. */
export async function follow(page, name) {
	await Promise.all([page.waitForNavigation(), page.getByRole("link", { name, exact: true }).first().click()]);
}

/* Press Tab until the focus is on what the selector names. */
export async function tabTo(page, selector) {
	for (let steps = 0; steps < 80; steps++) {
		await page.keyboard.press("Tab");
		if (await page.locator(selector).evaluateAll((all) => all.includes(document.activeElement)))
			return;
	}
	throw new Error(`no way to ${selector} by keyboard`);
}

export async function finish(page, link, more = async () => {}) {
	await page.goto(link);
	await page.fill("#clue", clue);
	await page.fill("#passphrase", passphrase);
	await page.fill("#passphrase_again", passphrase);
	await more();
	await push(page, "Send securely");
	await heading(page, /^Your message to /);
}

export async function unlock(page, words = passphrase) {
	await page.fill("#passphrase", words);
	await push(page, "Open the message");
}

/* A message that waits for its recipient; gives both links. */
export async function secured(installation, page, to) {
	const { link } = await installation.ask("send", { to });
	await finish(page, link);
	return { sender: link, recipient: (await installation.ask("notice", { to })).link };
}
