/*
 * The whole story in Chromium, against a whole installation: a sender finishes a
 * message, its recipient opens it, takes the files, sees the original layout,
 * answers with an upload and destroys it; then the same by keyboard without
 * JavaScript, and the pages of every state.  Each page is looked at in light and
 * dark and on the narrowest screens.
 *
 *	node journey.mjs
 *
 * SCREENSHOTS names a folder for pictures of every page.  One line "ok ..." or
 * "not ok ..." for each claim.
 */
import fs from "node:fs";
import path from "node:path";
import { Installation } from "./installation.mjs";
import { Looker } from "./look.mjs";
import { claiming, clue, farewell, finish, heading, launch, passphrase, push, secured, tabTo, unlock, visitor } from "./person.mjs";

const shots = process.env.SCREENSHOTS;
const { check, claims } = claiming("journey");
const { look } = new Looker(check, shots);

async function leave(who, person) {
	await farewell(check, who, person);
}

/* ---- the parts of the story ---- */

async function sendersPart(installation, { page }, sent) {
	await page.goto(sent.link);
	await heading(page, "Finish sending your message");
	check("held: the sender sees what it is about", (await page.innerText("main")).includes("Your offer"));
	await look(page, "held");

	await page.fill("#clue", `It is ${passphrase}`);
	await page.fill("#passphrase", passphrase);
	await page.fill("#passphrase_again", passphrase);
	await page.fill("#lifetime_days", "soon");
	await push(page, "Send securely");
	check("held: a bad form is told in the title", (await page.title()).startsWith("Error"));
	check("held: what was wrong is marked", (await page.locator("[aria-invalid=true]").count()) === 2);
	check("held: the clue is still there", (await page.inputValue("#clue")) === `It is ${passphrase}`);
	check("held: the passphrase does not come back", (await page.inputValue("#passphrase")) === "");
	await page.locator("[role=alert] li a").first().click();
	await page.keyboard.type("x");
	check("held: the summary leads to the field", (await page.inputValue("#clue")).includes("x"));
	await look(page, "held-errors");

	await finish(page, sent.link, async () => {
		await page.fill("#lifetime_days", "10");
		await page.check("#notify");
	});
	await installation.ask("settle");
	await page.reload();
	check("sender: the state is told", (await page.innerText("main")).includes("Waiting to be opened"));
	await look(page, "state-ready");
}

async function recipientsPart({ page }, sent, link) {
	await page.goto(link);
	await heading(page, "A confidential message for you");
	check("clue: it is shown", (await page.innerText("blockquote")).includes(clue));
	await look(page, "clue");

	await unlock(page, "the red bicycle");
	check("clue: a wrong passphrase is told", (await page.innerText("[role=alert]")).includes("not the passphrase"));
	check("clue: nothing of the message shows", !(await page.content()).includes("Dear Fred"));
	await look(page, "clue-wrong");

	await unlock(page);
	await heading(page, "Your offer");
	check("message: the text is there", (await page.innerText("article")).includes("here is the offer that we spoke about"));
	await look(page, "message");

	for (const file of sent.files) {
		const [download] = await Promise.all([
			page.waitForEvent("download"),
			page.getByRole("link", { name: file.name }).click(),
		]);
		const taken = fs.readFileSync(await download.path());
		check(`message: "${file.name}" comes as it was sent`,
			taken.equals(fs.readFileSync(file.path)) && download.suggestedFilename() === file.name,
			`${taken.length} bytes as ${download.suggestedFilename()}`);
	}
	const [whole] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("link", { name: "Save as .eml" }).click(),
	]);
	check("message: it can be saved whole", fs.readFileSync(await whole.path(), "latin1").includes("Subject: Your offer"));
}

async function originalLayout({ page, strangers }) {
	await page.getByRole("link", { name: "Original layout" }).click();
	await heading(page, "Your offer");
	const frame = page.frameLocator("iframe");
	await frame.getByRole("heading", { name: "Your offer, Fred" }).waitFor();
	await page.waitForLoadState("load");
	/* Whatever would run or load has its time until the picture is there. */
	const width = await frame.getByAltText("A brown square")
		.evaluate((image) => image.decode().then(() => image.naturalWidth, () => 0));
	check("original: the picture inside the message shows", width === 24, `${width} dots`);
	const text = await frame.locator("body").innerText();
	check("original: no script ran", text.includes("here is the offer") && !text.includes("a script ran"), text.slice(0, 60));
	check("original: nothing was asked for elsewhere", strangers.length === 0, strangers.join(" "));
	const acting = "script, iframe, form, input, link, meta[http-equiv=refresh], [onload], [onerror], a[href^=javascript]";
	check("original: what acts was taken out", (await frame.locator(acting).count()) === 0);
	check("original: the table is kept", (await frame.locator("td").count()) === 2);
	await look(page, "original");
	await page.getByRole("link", { name: "Back to the message" }).click();
	await heading(page, "Your offer");
}

async function replying(installation, { context, page }) {
	await page.getByRole("link", { name: "Reply" }).click();
	await heading(page, "Reply");
	await look(page, "reply");
	await page.getByRole("button", { name: "Send" }).click();
	await page.waitForSelector("[role=alert]");
	check("reply: an empty one is told", (await page.innerText("[role=alert]")).includes("empty"));
	await look(page, "reply-empty");

	const large = { name: "räder.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(5 * 1024 * 1024, "0123456789abc") };
	const small = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("short\n") };
	await page.fill("#body", "Thank you, Alice!\n> quoted\nFröhlich, Fred");
	await page.setInputFiles("#files", [large, small]);
	/* A slow line, so that the progress can be seen. */
	const line = await context.newCDPSession(page);
	await line.send("Network.enable");
	await line.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4e6 });
	await page.getByRole("button", { name: "Send" }).click();
	await page.waitForFunction(() => document.querySelector("progress")?.value > 0);
	const words = await page.innerText(".progress");
	check("reply: the progress shows", /Sending|All is there/.test(words), words);
	if (shots)
		await page.screenshot({ path: path.join(shots, "reply-sending-1280-light.png") });
	await heading(page, "Your reply has been sent");
	await line.detach();
	await look(page, "sent");

	const reply = await installation.ask("reply", { words: "Thank you, Alice!" });
	check("reply: it lies in the sender's mailbox", reply.text.includes("Fröhlich, Fred") && reply.subject === "Re: Your offer");
	check("reply: it belongs to the thread", reply.in_reply_to === "<journey-1@corp.example>", reply.in_reply_to);
	for (const [number, file] of [large, small].entries()) {
		const got = reply.files[number];
		check(`reply: "${file.name}" arrives as it was`, got?.name === file.name && fs.readFileSync(got.path).equals(file.buffer));
	}
}

async function destroying({ page }, link) {
	await page.getByRole("link", { name: "Back to the message" }).click();
	await page.locator("summary", { hasText: "Destroy" }).click();
	await push(page, "Destroy it");
	check("message: nothing is destroyed without the word", (await page.innerText("main")).includes("here is the offer"));
	await look(page, "message-unsure");
	await page.fill("#sure", "yes");
	await push(page, "Destroy it");
	await heading(page, "This message was destroyed");
	await look(page, "standing-destroyed");
	const answer = await page.goto(link);
	check("message: it stays destroyed", answer.status() === 410, answer.status());
}

async function byKeyboard(installation, browser, origin) {
	const person = await visitor(browser, origin, { javaScriptEnabled: false });
	const { page } = person;
	const to = "gina@example.net";
	const { link } = await installation.ask("send", { to });
	await page.goto(link);
	await page.keyboard.press("Tab");
	check("keyboard: the first stop is the way to the content",
		await page.locator(".skip").evaluate((skip) => skip === document.activeElement && skip.getBoundingClientRect().top >= 0));
	for (const [field, words] of [["#clue", clue], ["#passphrase", passphrase], ["#passphrase_again", passphrase]]) {
		await tabTo(page, field);
		await page.keyboard.type(words);
	}
	await tabTo(page, "#forgiving");
	await page.keyboard.press("Space");
	await tabTo(page, "form button");
	await page.keyboard.press("Enter");
	await heading(page, `Your message to ${to}`);
	check("keyboard: the sender finishes", true);

	await page.goto((await installation.ask("notice", { to })).link);
	await tabTo(page, "#passphrase");
	await page.keyboard.type(passphrase);
	await page.keyboard.press("Enter");
	await heading(page, "Your offer");
	check("keyboard: the recipient opens", true);
	await tabTo(page, "a[href$='/reply']");
	await page.keyboard.press("Enter");
	await heading(page, "Reply");
	await tabTo(page, "#body");
	await page.keyboard.type("By keyboard alone");
	await tabTo(page, "form.upload button");
	await page.keyboard.press("Enter");
	await heading(page, "Your reply has been sent");
	const reply = await installation.ask("reply", { words: "By keyboard alone" });
	check("keyboard: the reply arrives", reply.files.length === 0);
	await tabTo(page, "main a[href$='/message']");
	await page.keyboard.press("Enter");
	await heading(page, "Your offer");
	await tabTo(page, "form[action$='/close'] button");
	await page.keyboard.press("Enter");
	await heading(page, "A confidential message for you");
	check("keyboard: the message is closed", !(await page.content()).includes("here is the offer"));
	await leave("keyboard", person);
}

async function states(installation, browser, origin) {
	const person = await visitor(browser, origin);
	const { page } = person;
	const expect = async (address, name, words, status) => {
		const answer = await page.goto(address);
		const text = await page.innerText("h1");
		check(`${name}: says so, with ${status}`, answer.status() === status && words.test(text), `${answer.status()} ${text}`);
		await look(page, name);
	};

	await expect(`${origin}/`, "home", /Pick up/, 200);
	await page.fill("#code", "0000-0000-0000");
	await push(page, "Find my message");
	check("home: a wrong code is told", (await page.title()).startsWith("Error"));
	await look(page, "home-wrong");
	await expect(`${origin}/r/${"a".repeat(32)}`, "unknown", /nothing here/, 404);

	const recalled = await secured(installation, page, "hal@example.net");
	await page.getByRole("link", { name: "Take it back" }).click();
	await page.fill("#sure", "yes");
	await push(page, "Take the message back");
	check("recall: the sender is told", /taken back/i.test(await page.innerText("main")));
	await look(page, "state-recalled");
	await expect(recalled.recipient, "standing-recalled", /took this message back/, 410);

	const guessed = await secured(installation, page, "ivy@example.net");
	const expired = await secured(installation, page, "jo@example.net");
	await page.goto(guessed.recipient);
	for (let tries = 1; tries <= 5; tries++) {
		await unlock(page, `wrong ${tries}`);
		if (tries === 3) {
			await unlock(page);
			check("guessing: has to wait, even with the right one", /wait/i.test(await page.innerText("[role=alert]")));
			await look(page, "clue-busy");
		}
		if (tries >= 3)
			await installation.ask("clock", { seconds: (tries - 2) * 3700 });
	}
	await expect(guessed.recipient, "standing-suspended", /stopped/, 423);
	await installation.ask("notice", { to: "ivy@example.net" });
	await expect(guessed.sender, "state-suspended", /^Your message to ivy/, 200);

	await expect(`${origin}/demo`, "demo", /demonstration/i, 200);
	await page.locator("ul.mails a").first().click();
	await page.waitForSelector("pre");
	await look(page, "demo-mail");

	await installation.ask("clock", { seconds: 40 * 86400 });
	await expect(expired.recipient, "standing-expired", /expired/, 410);
	await expect(expired.sender, "state-expired", /^Your message to jo/, 200);
	await leave("states", person);
}

/* ---- all of it ---- */

const installation = new Installation();
let browser;
try {
	const { url: origin } = await installation.ask("begin");
	browser = await launch();
	const to = "fred@example.net";
	const sent = await installation.ask("send", { to, rich: true });
	const alice = await visitor(browser, origin);
	await sendersPart(installation, alice, sent);
	const { link } = await installation.ask("notice", { to });
	const fred = await visitor(browser, origin);
	await recipientsPart(fred, sent, link);
	await originalLayout(fred);
	await replying(installation, fred);
	await alice.page.reload();
	check("sender: sees that it was opened and answered", /Opened[\s\S]*Answered/.test(await alice.page.innerText("main")));
	await look(alice.page, "state-opened");
	await destroying(fred, link);
	await alice.page.reload();
	await look(alice.page, "state-destroyed");
	await leave("sender", alice);
	await leave("recipient", fred);
	await byKeyboard(installation, browser, origin);
	await states(installation, browser, origin);
} catch (error) {
	console.log(String(error.stack).replace(/^/gm, "# "));
	check("runs to its end", false, error.message.split("\n")[0]);
} finally {
	await browser?.close();
	check("the installation ends properly", (await installation.close()) === 0);
}
process.exit(claims.failed ? 1 : 0);
