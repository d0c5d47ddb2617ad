/*
 * A recipient's whole life with a mailbox in Chromium, against a whole installation: the first notice
 * and its clue, the mailbox, codes by an app and a passkey, ten messages, answers, a new message,
 * another passphrase, everything as an archive, and the end of it all.
 *
 *	node life.mjs
 *
 * SCREENSHOTS names a folder for pictures of every page.  One line "ok ..." or
 * "not ok ..." for each claim.
 */
import { authenticator, hasOne } from "./authenticator.mjs";
import { Installation } from "./installation.mjs";
import { Looker } from "./look.mjs";
import { claiming, farewell, follow, heading, launch, passphrase, push, secured, unlock, visitor } from "./person.mjs";

const to = "fred@example.net";
const own = "seven green umbrellas";
const other = "an orange locomotive";
const { check, claims, says } = claiming("life");
const { look } = new Looker(check, process.env.SCREENSHOTS);

/* As far as the passphrase. */
async function knock({ page }, origin, words) {
	await page.goto(`${origin}/box`);
	await page.fill("#address", to);
	await page.fill("#passphrase", words);
	await push(page, "Open the mailbox");
}

/* ---- the parts of the journey ---- */

async function beginning(installation, browser, origin, { page }) {
	const alice = await visitor(browser, origin);
	const { recipient } = await secured(installation, alice.page, to);
	await farewell(check, "sender", alice);
	await page.goto(recipient);
	await unlock(page, passphrase);
	await heading(page, "Your offer");
	await page.goto(`${recipient}/mailbox`);
	await page.fill("#passphrase", own);
	await page.fill("#passphrase_again", own);
	await push(page, "Make my mailbox");
	await heading(page, "Your mailbox");
	await says(page, "begin: there is a mailbox, and the first message lies there", /You have a mailbox now[\s\S]*Your offer/);
	return recipient;
}

/* Gives the secret. */
async function settingUp(installation, { page }) {
	await follow(page, "Account");
	await heading(page, "Signing in");
	await look(page, "box-account");
	await push(page, "Set up codes by an app");
	await look(page, "box-account-new");
	const secret = (await page.locator("dd .code").innerText()).replace(/ /g, "");
	await page.fill("#code", (await installation.ask("app", { secret })).code);
	await push(page, "Set it up");
	await says(page, "app: it is set up, with recovery codes", /It is set up[\s\S]*Your recovery codes/);
	await look(page, "box-account-added");
	const { text } = await installation.ask("told", { subject: "Signing in at", to });
	const words = text.replace(/\s+/g, " ");
	check("app: its owner is told, and of no desk", /set up codes by an app for fred/.test(words) && !/desk|administrator/.test(words), words);
	return secret;
}

async function reading(installation, { page }, origin) {
	const subjects = Array.from({ length: 10 }, (_, number) => `Letter ${number + 1}`);
	const { links, clue, letters } = await installation.ask("fill", { to, subjects });
	check("ten messages: one notice for each, and no clue", links === 10 && !clue && letters === 0, `${links} ${clue} ${letters}`);
	await page.goto(`${origin}/box`);
	check("ten messages: all are in the list", (await page.locator("tbody tr").count()) === 11);
	for (const subject of ["Letter 3", "Letter 7"]) {
		await page.goto(`${origin}/box`);
		await page.getByRole("link", { name: subject, exact: true }).click();
		await heading(page, subject);
		await says(page, `read: ${subject}`, new RegExp(`The body of ${subject}\\.`));
	}
	await page.goto(`${page.url().replace(/\/message$/, "")}/reply`);
	await page.fill("#body", "This answers the seventh.");
	await push(page, "Send");
	await heading(page, "Your reply has been sent");
	const reply = await installation.ask("reply", { words: "This answers the seventh." });
	check("reply: it lies in the sender's ordinary mailbox", reply.subject === "Re: Letter 7", reply.subject);
}

async function writing(installation, { page }, origin) {
	await page.goto(`${origin}/box/write`);
	await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: /alice@corp\.example/ }).click()]);
	await page.fill("#subject", "A question");
	await page.fill("#body", "Is it so?");
	await push(page, "Send");
	await heading(page, "Your reply has been sent");
	const letter = await installation.ask("reply", { words: "Is it so?" });
	check("write: it lies in the sender's ordinary mailbox", letter.subject === "A question" && !letter.in_reply_to, letter.subject);
}

/* Gives the device, which knows a passkey now. */
async function addingPasskey(installation, person, origin, secret) {
	const { page } = person;
	const device = await authenticator(person);
	await page.goto(`${origin}/box/account/passkey`);
	await look(page, "box-account-passkey");
	await page.fill("#name", "Telephone");
	await page.fill("#code", (await installation.ask("app", { secret })).code);
	await push(page, "Add it");
	await says(page, "passkey: it is added", /The passkey is added[\s\S]*Telephone/);
	check("passkey: the device has one, for this host", await hasOne(device, "localhost"));
	await installation.ask("told", { subject: "A passkey was added", to });
}

async function signingIn(person, origin) {
	const { page } = person;
	await page.goto(`${origin}/box`);
	await page.getByRole("button", { name: "Sign out", exact: true }).click();
	await heading(page, "Open your mailbox");
	await knock(person, origin, own);
	await heading(page, "Type the code of your app");
	await look(page, "box-factor");
	await push(page, "Show a passkey");
	await heading(page, "Your mailbox");
	check("passkey: it opens the mailbox", true);
}

/* The passphrase alone, at the door and at the first message's own link. */
async function stayingOut(browser, origin, first) {
	const thief = await visitor(browser, origin);
	await knock(thief, origin, own);
	await heading(thief.page, "Type the code of your app");
	await thief.page.goto(`${origin}/box`);
	await heading(thief.page, "Open your mailbox");
	await thief.page.goto(first);
	await unlock(thief.page, passphrase);
	await heading(thief.page, "Open your mailbox");
	await says(thief.page, "thief: the clue's answer does not do any more", /The message lies in your mailbox/);
	await look(thief.page, "box-lies-here");
	await farewell(check, "thief", thief);
}

async function changing(installation, browser, person, origin, secret) {
	const { page } = person;
	const second = await visitor(browser, origin);
	await knock(second, origin, own);
	await second.page.fill("#code", (await installation.ask("app", { secret })).code);
	await push(second.page, "Open the mailbox");
	await heading(second.page, "Your mailbox");
	await page.goto(`${origin}/box/account`);
	check("sessions: both are seen", (await page.locator("tbody tr").count()) === 2);
	await look(page, "box-account-sessions");
	await page.goto(`${origin}/box/passphrase`);
	await page.fill("#current", own);
	await page.fill("#passphrase", other);
	await page.fill("#passphrase_again", other);
	await push(page, "Change the passphrase");
	await says(page, "passphrase: it is another", /You have a new passphrase/);
	await second.page.goto(`${origin}/box`);
	await heading(second.page, "Open your mailbox");
	check("passphrase: other sessions are over", true);
	await knock(second, origin, own);
	await says(second.page, "passphrase: the old one is refused", /no mailbox with this address and this passphrase/);
	await farewell(check, "second browser", second);
	await page.goto(`${origin}/box`);
	await page.getByRole("link", { name: "Letter 3", exact: true }).click();
	await says(page, "passphrase: old messages are readable", /The body of Letter 3\./);
}

async function exporting(installation, { page }, origin) {
	await page.goto(`${origin}/box/export`);
	await says(page, "export: it counts the messages", /11 in all/);
	const found = [];
	for (const link of await page.locator("a[href$='.zip']").all()) {
		const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
		found.push((await installation.ask("archive", { path: await download.path() })).letters);
	}
	const [letters, sent] = found;
	check("export: every message is in it", letters.length === 11 && letters.every(({ subject, text }) => (/^Letter/.test(subject) ? text.includes(`The body of ${subject}.`) : text.includes("here is the offer"))), JSON.stringify(letters).slice(0, 300));
	check("export: and what was sent", sent.length === 2 && ["This answers the seventh.", "Is it so?"].every((words) => sent.some(({ text }) => text.includes(words))), JSON.stringify(sent));
}

async function ending(installation, { page }, origin) {
	await page.goto(`${origin}/box/close`);
	await look(page, "box-close");
	await page.fill("#passphrase", other);
	await page.fill("#sure", "yes");
	await push(page, "Destroy it");
	await says(page, "end: it is gone", /Your mailbox is gone/);
	const { tables } = await installation.ask("left");
	check("end: nothing is left in any table", tables.length === 0, tables.join(" "));
}

/* ---- all of it ---- */

const installation = new Installation();
let browser;
try {
	const { url: origin } = await installation.ask("begin");
	browser = await launch();
	const fred = await visitor(browser, origin, { acceptDownloads: true });
	const first = await beginning(installation, browser, origin, fred);
	const secret = await settingUp(installation, fred);
	await reading(installation, fred, origin);
	await writing(installation, fred, origin);
	await addingPasskey(installation, fred, origin, secret);
	await signingIn(fred, origin);
	await stayingOut(browser, origin, first);
	await changing(installation, browser, fred, origin, secret);
	await exporting(installation, fred, origin);
	await ending(installation, fred, origin);
	await farewell(check, "recipient", fred);
} catch (error) {
	console.log(String(error.stack).replace(/^/gm, "# "));
	check("runs to its end", false, error.message.split("\n")[0]);
} finally {
	await browser?.close();
	check("the installation ends properly", (await installation.close()) === 0);
}
process.exit(claims.failed ? 1 : 0);
