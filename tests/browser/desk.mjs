/*
 * The sender's desk in Chromium, against a whole installation: signing in, the list with messages in
 * all states, templates, an import, what would happen, deeds from the desk and by link, a forgotten
 * answer; then the same by keyboard without JavaScript.  Each page is looked at in light and dark
 * and on the narrowest screens.
 *
 *	node desk.mjs
 *
 * SCREENSHOTS names a folder for pictures of every page.  One line "ok ..." or
 * "not ok ..." for each claim.
 */
import { Installation } from "./installation.mjs";
import { Looker } from "./look.mjs";
import { claiming, clue, farewell, finish, follow, heading, launch, passphrase, push, secured, tabTo, unlock, visitor } from "./person.mjs";

const address = "alice@corp.example";
const otherClue = "And what stood in the shed?";
const otherPassphrase = "a rusty wheelbarrow";
const { check, claims, says } = claiming("desk");
const { look } = new Looker(check, process.env.SCREENSHOTS);

async function fillSecret(page, clueWords, words, again = words) {
	await page.fill("#clue", clueWords);
	await page.fill("#passphrase", words);
	await page.fill("#passphrase_again", again);
}

async function signIn(installation, { page }, origin) {
	await page.goto(`${origin}/desk`);
	await heading(page, "Sign in to your desk");
	await page.fill("#address", address);
	await push(page, "Mail me a code");
	await heading(page, "Type the code from your mail");
	await page.fill("#code", (await installation.ask("code")).code);
	await push(page, "Sign in");
	await heading(page, "Your messages");
}

/* ---- the parts of the journey ---- */

async function signingIn(installation, person, origin) {
	const { page } = person;
	await page.goto(`${origin}/desk`);
	await look(page, "desk-sign-in");
	await page.fill("#address", address);
	await push(page, "Mail me a code");
	await look(page, "desk-code");
	await page.fill("#code", "0000 0000");
	await push(page, "Sign in");
	check("code: a wrong one is told", (await page.title()).startsWith("Error"));
	await look(page, "desk-code-wrong");
	await page.fill("#code", (await installation.ask("code")).code);
	await push(page, "Sign in");
	await heading(page, "Your messages");
	await says(page, "list: says who is signed in", /Signed in as alice@corp\.example/);
}

/* A message stays in this state for a moment only, so the courier has to rest. */
async function locking(installation, { page }) {
	const sue = await installation.ask("send", { to: "sue@example.net", subject: "Being locked" });
	await installation.ask("courier", { running: false });
	await finish(page, sue.link);
	await says(page, "state: it is being locked", /being locked and sent/);
	await look(page, "state-securing");
}

async function theList({ page }, origin) {
	await page.goto(`${origin}/desk`);
	const states = [
		["holly@example.net", /waits for you until/],
		["rita@example.net", /not opened, kept until/],
		["opal@example.net", /opened \d/],
		["amy@example.net", /opened .*; answered/],
		["fay@example.net", /not opened.*does not know the answer/],
		["rex@example.net", /taken back/],
		["dot@example.net", /destroyed/],
		["dan@example.net", /destroyed/],
		["ed@example.net", /expired, never opened/],
		["sue@example.net", /being locked/],
	];
	for (const [who, words] of states) {
		const text = await page.getByRole("row").filter({ hasText: who }).innerText();
		check(`list: "${who}" stands as it does`, words.test(text), text);
	}
	await look(page, "desk");

	await page.selectOption("#show", "waiting");
	await push(page, "Find");
	check("list: the filter keeps what waits", (await page.locator("tbody tr").count()) === 1);
	await page.selectOption("#show", "plain");
	await push(page, "Find");
	check("list: a page has 25 rows", (await page.locator("tbody tr").count()) === 25);
	await look(page, "desk-plain");
	await follow(page, "Next page");
	check("list: the next page has the rest", (await page.locator("tbody tr").count()) === 4);
	await says(page, "list: what never arrived is there", /to nobody@example\.net[\s\S]*not delivered/);
	await follow(page, "Back to the beginning");
	await page.selectOption("#show", "all");
	await page.fill("#find", "OPAL");
	await push(page, "Find");
	check("list: the search finds a recipient", (await page.locator("tbody tr").count()) === 1);
	await page.fill("#find", "no such words");
	await push(page, "Find");
	await says(page, "list: nothing found is told", /Nothing was found/);
	await look(page, "desk-not-found");
	await follow(page, "Show all messages");
}

async function messagePages({ page }, origin) {
	for (const [name, subject, words] of [
		["held", "Held", /Waiting for you[\s\S]*Finish sending it/],
		["forgotten", "Forgotten", /does not know the answer[\s\S]*Please open it there/],
		["answered", "Answered", /Opened[\s\S]*Answered/],
	]) {
		await page.goto(`${origin}/desk`);
		await follow(page, subject);
		await heading(page, subject);
		await says(page, `message: ${name} is told`, words);
		await look(page, `desk-message-${name}`);
	}
	await page.goto(`${origin}/desk`);
	await follow(page, "Held");
	await follow(page, "Finish sending it");
	await heading(page, "Finish sending your message");
	await look(page, "desk-held");
	await fillSecret(page, clue, passphrase);
	await push(page, "Send securely");
	await heading(page, "Your message to holly@example.net");
	await look(page, "desk-state");
}

async function templates(installation, { page }) {
	await follow(page, "Templates");
	await look(page, "desk-templates-empty");
	await follow(page, "New template");
	await look(page, "template-new");
	await page.fill("#recipient", "tom@corp.example");
	await fillSecret(page, "It is password", "password", "passwort");
	await page.fill("#lifetime_days", "0");
	await page.fill("#remind_days", "soon");
	await push(page, "Save");
	await says(page, "template: all that is wrong is told", /not secured here[\s\S]*out of the clue[\s\S]*not the same[\s\S]*from 1 to/);
	check("template: it is marked at its field", (await page.locator("[aria-invalid=true]").count()) >= 5);
	await look(page, "template-new-errors");
	await page.fill("#recipient", "tom@example.net");
	await fillSecret(page, clue, passphrase);
	await page.fill("#lifetime_days", "10");
	await page.fill("#remind_days", "2");
	await push(page, "How guessable is it?");
	await says(page, "template: the strength is told on request", /Guessable in about [\w ]+ tries/);
	await look(page, "template-strength");
	await fillSecret(page, clue, passphrase);
	await push(page, "Save");
	await says(page, "template: it is saved", /Saved[\s\S]*tom@example\.net/);
	await look(page, "desk-templates");
	await installation.ask("send", { to: "tom@example.net", asks: false });
	await installation.ask("notice", { to: "tom@example.net" });
	check("template: the next message leaves at once", true);

	await follow(page, "tom@example.net");
	await look(page, "template");
	await page.fill("#clue", otherClue);
	await push(page, "Save");
	await says(page, "template: a new clue needs a passphrase", /A changed clue needs one too/);
	await fillSecret(page, otherClue, otherPassphrase);
	await push(page, "Save");
	await says(page, "template: it is changed", /Saved[\s\S]*And what stood in the shed/);
	await follow(page, "tom@example.net");
	await follow(page, "Delete this template");
	await push(page, "Delete it");
	await says(page, "template: it is not deleted without the word", /Nothing has been changed/);
	await look(page, "template-delete-unsure");
	await page.fill("#sure", "yes");
	await push(page, "Delete it");
	await says(page, "template: it is deleted", /Deleted/);
}

async function importing({ page }) {
	await follow(page, "Import a list");
	await look(page, "desk-import");
	await page.fill("#rows", `recipient,clue,passphrase\numa@example.net,${clue},${passphrase}\nvic,Who?,\n`);
	await push(page, "Import all rows");
	await says(page, "import: the fault is told with its line", /Line 3, vic: this is no mail address/);
	await look(page, "desk-import-errors");
	await page.setInputFiles("#file", {
		name: "templates.csv",
		mimeType: "text/csv",
		buffer: Buffer.from(`recipient;clue;passphrase\r\numa@example.net;${clue};${passphrase}\r\n@example.com;${clue};\r\n`),
	});
	await push(page, "Import all rows");
	await says(page, "import: a file is taken", /New templates: 2/);
	await look(page, "desk-import-done");
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.goto(`${new URL(page.url()).origin}/desk/templates.csv`).catch(() => null),
	]);
	check("export: the list comes as a file", download.suggestedFilename() === "templates.csv", download.suggestedFilename());
}

async function wouldHappen({ page }, origin) {
	await page.goto(`${origin}/desk/would`);
	await look(page, "desk-would");
	for (const [name, to, subject, words] of [
		["template", "secure-uma@example.net", "", /secured and leave at once/],
		["held", "xaver@example.net", "[secure] Your offer", /held until you finish it/],
		["plain", "xaver@example.net", "Your offer", /go as ordinary mail/],
		["wrong", "xaver", "", /no mail address/],
	]) {
		await page.fill("#address", to);
		await page.fill("#subject", subject);
		await push(page, "Show what would happen");
		await says(page, `would: ${name} is told`, words);
		await look(page, `desk-would-${name}`);
	}
}

async function deeds(installation, { page }, now) {
	const to = "wim@example.net";
	const links = await secured(installation, page, to);
	await installation.ask("settle");
	const open = async (what) => page.goto(`${links.sender}/${what}`);
	for (const what of ["recall", "destroy", "extend", "resend", "relink", "passphrase"]) {
		await open(what);
		await look(page, `act-${what}`);
	}
	await open("extend");
	await page.fill("#lifetime_days", "400");
	await page.fill("#sure", "yes");
	await push(page, "Change it");
	await says(page, "deeds: days that are too many are refused", /from 1 to 365/);
	await look(page, "act-extend-errors");
	await page.fill("#lifetime_days", "20");
	await page.fill("#sure", "yes");
	await push(page, "Change it");
	await heading(page, `Your message to ${to}`);
	await open("resend");
	await page.fill("#sure", "yes");
	await push(page, "Send the link again");
	check("deeds: the same link comes again", (await installation.ask("notice", { to })).link === links.recipient);
	await open("relink");
	await page.fill("#sure", "yes");
	await push(page, "Send a new link");
	await says(page, "deeds: another link has to wait", /Please wait a little/);
	await look(page, "act-relink-too-soon");
	await installation.ask("clock", { seconds: now + 1000 });
	await page.fill("#sure", "yes");
	await push(page, "Send a new link");
	const fresh = (await installation.ask("notice", { to })).link;
	check("deeds: a new link comes", fresh !== links.recipient);
	await page.goto(links.recipient);
	await heading(page, "There is a newer link");
	await look(page, "standing-replaced");
	await open("recall");
	await page.fill("#sure", "yes");
	await push(page, "Take the message back");
	await says(page, "deeds: it is taken back", /You took the message back/);
	await open("extend");
	await says(page, "deeds: then there is nothing left to do", /nothing left to do/);
	await look(page, "act-over");
}

async function forgetting(installation, { page }) {
	const to = "yan@example.net";
	const { sender, recipient } = await secured(installation, page, to);
	await page.goto(recipient);
	await page.locator("summary", { hasText: "does not help me" }).click();
	await follow(page, "Tell the sender that you do not know the answer");
	await look(page, "forgotten");
	await page.fill("#sure", "yes");
	await push(page, "Tell the sender");
	await heading(page, "The sender is being told");
	await look(page, "forgotten-sent");
	await page.goto(`${recipient}/forgotten`);
	await page.fill("#sure", "yes");
	await push(page, "Tell the sender");
	await says(page, "forgotten: a second time has to wait", /The sender knows already/);
	await look(page, "forgotten-too-soon");

	await page.goto(sender);
	await look(page, "state-asked");
	await follow(page, "set a new clue and passphrase");
	await fillSecret(page, otherClue, "password");
	await push(page, "Set them and tell the recipient");
	await says(page, "rescue: what is guessed at once is refused", /guessable in about \d+ tries/);
	await look(page, "act-passphrase-errors");
	await fillSecret(page, otherClue, otherPassphrase);
	await page.focus("#passphrase_again");
	await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
	await heading(page, `Your message to ${to}`);
	check("rescue: Enter in a field sets the passphrase", !page.url().endsWith("/passphrase"), page.url());
	await page.goto((await installation.ask("notice", { to })).link);
	check("rescue: the new clue is shown", (await page.innerText("blockquote")).includes(otherClue));
	await unlock(page, otherPassphrase);
	await heading(page, "Your offer");
}

/* An answer without a mark, in a conversation that was secured. */
async function answering(installation, { page }) {
	const to = "zoe@example.net";
	const first = await installation.ask("send", { to });
	await finish(page, first.link, () => page.check("#save_template"));
	await installation.ask("notice", { to });
	const answers = first.id;
	for (const [what, link, button] of [
		["template", "Send it with the template", "Send it"],
		["clear", "Send it as ordinary mail, this once.", "Send it as ordinary mail"],
	]) {
		const held = await installation.ask("send", { to, marked: false, answers });
		await page.goto(held.link);
		await says(page, `thread: the answer is held (${what})`, /it carried no mark/);
		if (what === "template")
			await look(page, "held-thread");
		await follow(page, link);
		await look(page, `act-${what}`);
		await page.fill("#sure", "yes");
		await push(page, button);
		await heading(page, `Your message to ${to}`);
	}
	await installation.ask("settle");
	await page.reload();
	await says(page, "thread: it left as ordinary mail", /Sent as ordinary mail/);
	await look(page, "state-released");
}

async function byKeyboard(installation, browser, origin) {
	const person = await visitor(browser, origin, { javaScriptEnabled: false });
	const { page } = person;
	const go = async (selector, title) => {
		await tabTo(page, selector);
		await page.keyboard.press("Enter");
		await heading(page, title);
	};
	const type = async (selector, words) => {
		await tabTo(page, selector);
		await page.keyboard.type(words);
	};
	await page.goto(`${origin}/desk`);
	await type("#address", address);
	await page.keyboard.press("Enter");
	await heading(page, "Type the code from your mail");
	await type("#code", (await installation.ask("code")).code);
	await page.keyboard.press("Enter");
	await heading(page, "Your messages");
	await tabTo(page, "#show");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowDown");
	await tabTo(page, ".find button");
	await page.keyboard.press("Enter");
	await page.waitForURL(/show=unread/);
	check("keyboard: the list is filtered", (await page.locator("tbody tr").filter({ hasText: "Not opened yet" }).count()) === 1);

	await go("a[href='/desk/templates']", "Your templates");
	await go("a[href='/desk/templates/new']", "New template");
	await type("#recipient", "zita@example.net");
	await type("#clue", clue);
	await type("#passphrase", passphrase);
	await type("#passphrase_again", passphrase);
	await page.keyboard.press("Enter");
	await heading(page, "Your templates");
	await says(page, "keyboard: Enter in a field saves the template", /Saved[\s\S]*zita@example\.net/);
	await go("a[href='/desk/would']", "What would happen?");
	await type("#address", "secure-zita@example.net");
	await page.keyboard.press("Enter");
	await page.waitForURL(/address=/);
	await says(page, "keyboard: what would happen is told", /secured and leave at once/);

	await go("a[href='/desk']", "Your messages");
	await tabTo(page, "tbody a:text-is('Not opened yet')");
	await page.keyboard.press("Enter");
	await heading(page, "Not opened yet");
	await go("a[href$='/extend']", "Change how long it is kept");
	await type("#lifetime_days", "9");
	await type("#sure", "yes");
	await page.keyboard.press("Enter");
	await heading(page, "Your message to rita@example.net");
	check("keyboard: a deed is done", true);
	await go(".desk button", "Sign in to your desk");
	await farewell(check, "keyboard", person);
}

async function ending(installation, { page }, origin, now) {
	await installation.ask("clock", { seconds: now + 3 * 3600 });
	await page.goto(`${origin}/desk`);
	await says(page, "the desk closes by itself", /Your visit has ended/);
	await look(page, "desk-timed-out");
}

/* ---- all of it ---- */

const installation = new Installation();
let browser;
try {
	const { url: origin } = await installation.ask("begin");
	browser = await launch();
	const { now } = await installation.ask("states");
	const alice = await visitor(browser, origin);
	await signingIn(installation, alice, origin);
	await locking(installation, alice);
	await theList(alice, origin);
	await installation.ask("courier", { running: true });
	await messagePages(alice, origin);
	await templates(installation, alice);
	await importing(alice);
	await wouldHappen(alice, origin);
	await byKeyboard(installation, browser, origin);
	await deeds(installation, alice, now);
	await forgetting(installation, alice);
	await answering(installation, alice);
	await ending(installation, alice, origin, now);
	await farewell(check, "sender", alice);
} catch (error) {
	console.log(String(error.stack).replace(/^/gm, "# "));
	check("runs to its end", false, error.message.split("\n")[0]);
} finally {
	await browser?.close();
	check("the installation ends properly", (await installation.close()) === 0);
}
process.exit(claims.failed ? 1 : 0);
