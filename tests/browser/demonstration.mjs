/*
 * The demonstration as a newcomer meets it, by its own page of mails: a letter comes in by SMTP, its
 * sender finishes it, the recipient reads, takes a file, answers with a large one.
 *
 *	node demonstration.mjs https://localhost:8443 127.0.0.1:2525 [SCREENSHOTS]
 */
import axe from "axe-core";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const [portal, smtp, shots] = process.argv.slice(2);
if (!portal || !smtp) {
	console.error("usage: node demonstration.mjs PORTAL SMTP [SCREENSHOTS]");
	process.exit(2);
}
if (shots)
	fs.mkdirSync(shots, { recursive: true });

const mark = randomBytes(4).toString("hex");
const recipient = `fred-${mark}@example.net`;
const sender = `alice-${mark}@example.org`;
const clue = "What did we eat after the June meeting?";
const passphrase = "trout in Lindau";
const attachment = randomBytes(70000);
const letter = [
	`From: Alice <${sender}>`,
	`To: Fred <secure-${recipient}>`,
	`Subject: Your offer ${mark}`,
	`Message-ID: <${mark}@example.org>`,
	"MIME-Version: 1.0",
	'Content-Type: multipart/mixed; boundary="seam"',
	"",
	"--seam",
	'Content-Type: multipart/alternative; boundary="inner"',
	"",
	"--inner",
	"Content-Type: text/plain; charset=utf-8",
	"",
	"Dear Fred,",
	"",
	`the offer is attached. ${"It is a long line that a text browser would cut. ".repeat(4)}`,
	"",
	"--inner",
	"Content-Type: text/html; charset=utf-8",
	"",
	"<h1>The offer</h1><p>Dear Fred,</p><p style='color: green'>the offer is <b>attached</b>.</p>",
	"<img src='https://tracker.example/pixel.png' alt='pixel'><script>document.title = 'caught'</script>",
	"",
	"--inner--",
	"",
	"--seam",
	'Content-Type: application/octet-stream; name="offer.bin"',
	'Content-Disposition: attachment; filename="offer.bin"',
	"Content-Transfer-Encoding: base64",
	"",
	attachment.toString("base64").replace(/.{76}/g, "$&\r\n"),
	"--seam--",
	"",
].join("\r\n");

let failed = false;

function check(claim, holds, detail) {
	console.log(holds ? `ok demonstration: ${claim}` : `not ok demonstration: ${claim}${detail ? `: ${detail}` : ""}`);
	failed ||= !holds;
}

function send() {
	const run = spawnSync(
		"curl",
		["-sS", `smtp://${smtp}`, "--mail-from", sender, "--mail-rcpt", `secure-${recipient}`, "--upload-file", "-"],
		{ input: letter },
	);
	check("the letter is taken", run.status === 0, String(run.stderr));
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
const strangers = [];
const complaints = [];

/* Two people with a browser each; axe needs a page that lets it in, so a third one looks on. */
async function visitor(options) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 360, height: 740 }, ...options });
	return context.newPage();
}

/* A visitor whose requests and complaints count. */
async function person(options) {
	const page = await visitor(options);
	page.on("request", (request) => request.url().startsWith(portal) || strangers.push(request.url()));
	page.on("console", (message) => /Content Security Policy/.test(message.text()) && complaints.push(message.text()));
	page.on("pageerror", (error) => complaints.push(String(error)));
	return page;
}

async function look(page, name) {
	if (shots)
		await page.screenshot({ path: path.join(shots, `demonstration-${name}.png`), fullPage: true });
	const source = await page.content();
	const onlooker = await visitor({ bypassCSP: true, javaScriptEnabled: true });
	await onlooker.route("**/onlooker", (route) => route.fulfill({ body: source, contentType: "text/html" }));
	await onlooker.goto(`${portal}/onlooker`);
	await onlooker.evaluate(axe.source);
	const result = await onlooker.evaluate(() => window.axe.run(document, { iframes: false }));
	const found = result.violations.map((rule) => rule.id).join(" ");
	check(`${name}: no finding of axe`, found === "", found);
	await onlooker.context().close();
}

/* Wait until a mail to this address is listed, and follow the private link in it. */
async function followMail(page, address, words) {
	const item = page.locator("li", { hasText: address }).filter({ hasText: words }).first();
	for (let tries = 0; ; tries++) {
		await page.goto(`${portal}/demo`);
		if ((await item.count()) > 0)
			break;
		if (tries === 100)
			throw new Error(`no mail to ${address}`);
		await page.waitForTimeout(200);
	}
	await item.locator("a").click();
}

try {
	const alice = await person({});
	const fred = await person({ colorScheme: "dark", acceptDownloads: true });

	send();
	await followMail(alice, sender, "waiting for you");
	await look(alice, "mail-finish");
	await alice.locator("a.button").first().click();
	check("the sender's link leads to the form", (await alice.title()).startsWith("Finish sending"));
	await look(alice, "held");
	await alice.click("button:has-text('Send securely')");
	check("an empty form is refused", (await alice.title()).startsWith("Error"));
	await look(alice, "held-errors");
	await alice.fill("#clue", `It is ${passphrase}`);
	await alice.fill("#passphrase", passphrase);
	await alice.fill("#passphrase_again", passphrase);
	await alice.click("button:has-text('Send securely')");
	check("a clue that tells the passphrase is refused", (await alice.textContent("main")).includes("contains the passphrase"));
	await alice.fill("#clue", clue);
	await alice.fill("#passphrase", passphrase);
	await alice.fill("#passphrase_again", passphrase);
	await alice.check("#notify");
	await alice.check("#save_template");
	await alice.click("button:has-text('Send securely')");
	check("the sender sees what becomes of it", (await alice.title()).startsWith("Your message"));
	await look(alice, "state");

	await followMail(fred, recipient, "");
	await look(fred, "mail-notice");
	const link = await fred.locator("a.button").first().getAttribute("href");
	await fred.locator("a.button").first().click();
	check("the clue is shown", (await fred.textContent("blockquote")).includes(clue));
	await look(fred, "clue");
	await fred.fill("#passphrase", "perch in Lindau");
	await fred.keyboard.press("Enter");
	await fred.getByRole("alert").waitFor();
	check("a wrong passphrase is refused", (await fred.title()).startsWith("Error"));
	await look(fred, "clue-wrong");
	await fred.fill("#passphrase", passphrase);
	await fred.keyboard.press("Enter");
	await fred.waitForURL(/\/message(\?at=[0-9a-z]+)?$/);
	check("the right one opens the message", (await fred.textContent("pre.body, p.body")).includes("Dear Fred"));
	await look(fred, "message");
	const [download] = await Promise.all([fred.waitForEvent("download"), fred.click(".files a")]);
	const taken = fs.readFileSync(await download.path());
	check(
		"the file is the same to the byte",
		createHash("sha256").update(taken).digest("hex") === createHash("sha256").update(attachment).digest("hex"),
	);

	await fred.click("a:has-text('Original layout')");
	const frame = fred.frameLocator("iframe");
	check("the original layout is shown", (await frame.locator("h1").textContent()) === "The offer");
	check("without its pictures from elsewhere and its script", (await frame.locator("img[src*=tracker], script").count()) === 0);
	await look(fred, "original");
	await fred.click("a:has-text('Back to the message')");
	await fred.click("a:has-text('Reply')");
	await look(fred, "reply");
	await fred.fill("#body", "Dear Alice,\n\nthank you. Mine is with this.\n\nFred");
	await fred.setInputFiles("#files", { name: "payslips.pdf", mimeType: "application/pdf", buffer: randomBytes(5000000) });
	await fred.click("form.upload button");
	await fred.waitForFunction(() => document.title.startsWith("Reply sent"));
	check("the reply is sent", (await fred.textContent("main")).includes(sender));
	await look(fred, "sent");
	await fred.goto(`${portal}${new URL(link, portal).pathname}/message`);
	await fred.click("button:has-text('Close the message')");
	check("closing leads back to the clue", (await fred.textContent("main")).includes(clue));

	await followMail(alice, sender, "Re: Your offer");
	check("the reply lies in the sender's mailbox", (await alice.textContent("pre.body")).includes("thank you"));
	await look(alice, "mail-reply");

	send();
	await alice.goto(`${portal}/demo`);
	const notices = fred.locator("li", { hasText: recipient });
	for (let tries = 0; (await notices.count()) < 2 && tries < 100; tries++) {
		await fred.goto(`${portal}/demo`);
		await fred.waitForTimeout(200);
	}
	check("the second message needs no step by its sender", (await notices.count()) >= 2);
	await fred.goto(`${portal}/r/00000000000000000000000000000000`);
	await look(fred, "not-found");
	check("nobody else was asked for anything", strangers.length === 0, strangers.join(" "));
	check("the content security policy was kept", complaints.length === 0, complaints.join(" "));
} catch (error) {
	check("goes to its end", false, String(error.stack ?? error));
}
await browser.close();
process.exit(failed ? 1 : 0);
