/*
 * Passkeys in Chromium, against a whole installation: its virtual authenticator makes one, signs in
 * with it and changes an account; what was signed is sent once more, a copy of the passkey is shown,
 * its owner is not verified; then the same without JavaScript.
 *
 *	node passkey.mjs
 *
 * SCREENSHOTS names a folder for pictures of every page.  One line "ok ..." or
 * "not ok ..." for each claim.
 */
import { authenticator, credentials, hasOne } from "./authenticator.mjs";
import { Installation } from "./installation.mjs";
import { Looker } from "./look.mjs";
import { claiming, farewell, heading, launch, push, visitor } from "./person.mjs";

const address = "alice@corp.example";
const { check, claims, says } = claiming("passkey");
const { look } = new Looker(check, process.env.SCREENSHOTS);

/* ---- the authenticator ---- */

/* The same passkey, with another number of times that it was used. */
async function count(device, change) {
	for (const credential of await credentials(device)) {
		await device.send("removeCredential", { credentialId: credential.credentialId });
		await device.send("addCredential", { credential: { ...credential, signCount: change(credential.signCount) } });
	}
}

/* ---- the parts of the journey ---- */

async function askCode(installation, { page }, origin) {
	await page.goto(`${origin}/desk`);
	await page.fill("#address", address);
	await push(page, "Mail me a code");
	await page.fill("#code", (await installation.ask("code")).code);
	await push(page, "Sign in");
}

async function signOut({ page }) {
	// The desk's own, not one of the list of sessions.
	await page.locator("form[action=\"/desk/leave\"] button").click();
	await heading(page, "Sign in to your desk");
}

async function adding(installation, person, device, origin) {
	const { page } = person;
	await askCode(installation, person, origin);
	await heading(page, "Your messages");
	await page.goto(`${origin}/desk/account`);
	await look(page, "account");
	await page.getByRole("link", { name: "Add a passkey" }).click();
	await heading(page, "Add a passkey");
	check("add: with a script nothing is missing", !/need JavaScript/.test(await page.innerText("main")));
	await look(page, "account-passkey");

	await device.send("setUserVerified", { isUserVerified: false });
	await page.fill("#name", "Work laptop");
	await page.getByRole("button", { name: "Add it" }).click();
	await page.getByText("That did not work, or it was called off").waitFor();
	check("add: whoever is not verified adds nothing", (await credentials(device)).length === 0);
	await device.send("setUserVerified", { isUserVerified: true });

	await push(page, "Add it");
	await says(page, "add: it is told", /The passkey is added[\s\S]*Work laptop/);
	await look(page, "account-passkey-added");
	const codes = await page.locator(".codes .code").allInnerTexts();
	check("add: the first one brings recovery codes", new Set(codes).size === 10, codes.join(" "));
	check("add: the device has one, for this host", await hasOne(device, "localhost"));
	await installation.ask("told", { subject: "A passkey was added" });
	check("add: its owner is told by mail", true);

	await page.getByRole("link", { name: "Add a passkey" }).click();
	await page.fill("#name", "Once more");
	await page.getByRole("button", { name: "Add it" }).click();
	await page.getByText("This device has a passkey of yours already").waitFor();
	check("add: the same device is not asked twice", (await credentials(device)).length === 1);
	return codes;
}

/* Gives the form that was sent. */
async function signingIn(installation, person, origin) {
	const { page } = person;
	await signOut(person);
	await askCode(installation, person, origin);
	await heading(page, "Show your passkey");
	await look(page, "desk-factor-passkey");
	const sent = page.waitForRequest((request) => request.method() === "POST" && request.url() === `${origin}/desk/factor`);
	await push(page, "Show a passkey");
	await heading(page, "Your messages");
	check("sign in: with it", true);
	return (await sent).postData();
}

/* The same form once more: its browser, another one that is as far, and that at the desk. */
async function replaying(installation, browser, person, origin, form) {
	const post = (page) =>
		page.evaluate(async (body) => {
			const answer = await fetch("/desk/factor", {
				method: "POST",
				headers: { "Content-Type": "application/x-www-form-urlencoded" },
				body,
			});
			return { status: answer.status, text: await answer.text() };
		}, form);
	check("replay: the form has all that was signed", /passkey_signature=[\w-]{80}/.test(form));
	check("replay: refused to the browser that sent it", (await post(person.page)).status === 403);
	const thief = await visitor(browser, origin);
	await askCode(installation, thief, origin);
	await heading(thief.page, "Show your passkey");
	const answer = await post(thief.page);
	check("replay: refused to another one", answer.status === 403 && /That passkey was not right/.test(answer.text), answer.text.slice(0, 200));
	await thief.page.goto(`${origin}/desk/messages`);
	await heading(thief.page, "Sign in to your desk");
	check("replay: nobody is signed in by it", true);
	await farewell(check, "thief", thief);
}

async function changing({ page }, origin, codes) {
	await page.goto(`${origin}/desk/account`);
	await says(page, "account: last use is told", /Work laptop\s+added .*, last used/);
	await push(page, "Make new recovery codes");
	const fresh = await page.locator(".codes .code").allInnerTexts();
	check("account: a passkey makes new recovery codes", fresh.length === 10 && !fresh.some((code) => codes.includes(code)), fresh.join(" "));
	await page.fill("#code", fresh[0]);
	await push(page, "Make new recovery codes");
	const newest = await page.locator(".codes .code").allInnerTexts();
	check("account: so does a code that is typed", newest.length === 10 && !newest.includes(fresh[1]));
	return newest;
}

async function copied(installation, person, device, origin) {
	const { page } = person;
	await signOut(person);
	await askCode(installation, person, origin);
	await heading(page, "Show your passkey");
	const [{ signCount }] = await credentials(device);
	await count(device, () => 1);
	await push(page, "Show a passkey");
	await says(page, "copy: refused, and told", /There seems to be a copy of this passkey/);
	await look(page, "desk-factor-copied");
	await installation.ask("told", { subject: "A passkey was refused" });
	check("copy: told by mail", true);
	await count(device, () => signCount + 5);
	await push(page, "Show a passkey");
	await heading(page, "Your messages");
	check("copy: the right one goes on", true);
}

async function withoutScript(installation, browser, origin, code) {
	const person = await visitor(browser, origin, { javaScriptEnabled: false });
	const { page } = person;
	await askCode(installation, person, origin);
	await heading(page, "Show your passkey");
	await says(page, "no script: the page says what passkeys need", /Passkeys need JavaScript/);
	check("no script: there is no button for them", (await page.getByRole("button", { name: "Show a passkey" }).count()) === 0);
	await page.fill("#code", code);
	await push(page, "Sign in");
	await heading(page, "Your messages");
	check("no script: a recovery code signs in", true);
	await page.goto(`${origin}/desk/account/passkey`);
	check("no script: nothing can be added", (await page.getByRole("button", { name: "Add it" }).count()) === 0);
	await farewell(check, "no script", person);
}

async function removing(installation, { page }, origin) {
	await page.goto(`${origin}/desk/account`);
	await push(page, "Take the passkey Work laptop away");
	await says(page, "remove: the last one goes with its recovery codes", /It is taken away[\s\S]*A code by mail is enough again/);
	await installation.ask("told", { subject: "Signing in at" });
	check("remove: told by mail", true);
}

/* ---- all of it ---- */

const installation = new Installation();
let browser;
try {
	const { url: origin } = await installation.ask("begin");
	browser = await launch();
	const alice = await visitor(browser, origin);
	const device = await authenticator(alice);
	const first = await adding(installation, alice, device, origin);
	const form = await signingIn(installation, alice, origin);
	await replaying(installation, browser, alice, origin, form);
	const codes = await changing(alice, origin, first);
	await copied(installation, alice, device, origin);
	await withoutScript(installation, browser, origin, codes[0]);
	await removing(installation, alice, origin);
	await farewell(check, "sender", alice);
} catch (error) {
	console.log(String(error.stack).replace(/^/gm, "# "));
	check("runs to its end", false, error.message.split("\n")[0]);
} finally {
	await browser?.close();
	check("the installation ends properly", (await installation.close()) === 0);
}
process.exit(claims.failed ? 1 : 0);
