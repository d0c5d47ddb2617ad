/*
 * Composes the picture of the README from previewed pages.
 *
 *	node story.mjs PAGES PICTURE.png
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const scenes = [
	[
		"held",
		"The sender sets clue and passphrase",
		async (page) => {
			await page.fill("#clue", "What did we eat after the June meeting?");
			await page.fill("#passphrase", "trout in Lindau");
			await page.fill("#passphrase_again", "trout in Lindau");
			await page.check("#save_template");
			await page.evaluate(() => window.scrollTo(0, document.querySelector("label[for=clue]").offsetTop - 24));
		},
	],
	["clue", "The recipient gets a private link", (page) => page.fill("#passphrase", "trout in Lindau")],
	["message-files", "reads, takes the files", async () => {}],
	[
		"reply",
		"and answers, files included",
		async (page) => {
			await page.fill("#body", "Dear Marta,\n\nthank you! Please leave page 4 as it is. The payslips are with this.\n\nFred");
			await page.setInputFiles("#files", { name: "payslips.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(9) });
			await page.evaluate(() => window.scrollTo(0, document.querySelector("h1").offsetTop - 12));
		},
	],
];
const [pages, picture] = process.argv.slice(2);
if (!pages || !picture) {
	console.error("usage: node story.mjs PAGES PICTURE.png");
	process.exit(2);
}
const statics = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "static");
const kinds = { ".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript" };
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
const context = await browser.newContext({ viewport: { width: 420, height: 760 }, deviceScaleFactor: 1.5 });
const page = await context.newPage();

await context.route("http://portal.test/**", (route) => {
	const name = path.basename(new URL(route.request().url()).pathname);
	const file = kinds[path.extname(name)] ? path.join(statics, name) : path.join(pages, `${name}.html`);
	return route.fulfill({ body: fs.readFileSync(file), contentType: kinds[path.extname(name)] ?? "text/html" });
});

let cards = "";
for (const [state, words, act] of scenes) {
	await page.goto(`http://portal.test/${state}`);
	await act(page);
	await page.evaluate(() => document.activeElement.blur());
	const shot = (await page.screenshot()).toString("base64");
	cards += `<figure><img src="data:image/png;base64,${shot}" width="300"><figcaption>${words}</figcaption></figure>`;
}
await page.setViewportSize({ width: 1320, height: 700 });
await page.setContent(`<style>
	body { margin: 0; padding: 28px; background: #ece5d7; display: flex; gap: 21px; font: 16px/1.35 system-ui, sans-serif; color: #25221c }
	figure { margin: 0; width: 300px }
	img { display: block; border-radius: 14px; box-shadow: 0 2px 18px rgb(60 45 20 / .18) }
	figcaption { padding: 14px 6px 0; text-align: center }
</style>${cards}`);
await page.screenshot({ path: picture, clip: { x: 0, y: 0, width: 1319, height: 632 } });
await browser.close();
