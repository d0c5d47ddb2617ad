/*
 * Opens every previewed page in Chromium, light and dark, from phone to desktop,
 * and checks what a page must keep: no finding of axe (WCAG 2.2 AA and its good
 * practice), nothing wider than the screen at 320 px, no request to anybody else,
 * no error on the console, under 30 kB.  Then the upload script against a small
 * server that answers as the portal does.
 *
 *	node preview.mjs PAGES [SCREENSHOTS [STATE...]]
 *
 * PAGES is the folder that `preview` wrote; the screenshots are for people.  With
 * states named, only these are opened.
 */
import axe from "axe-core";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const widths = [360, 768, 1280];
const schemes = ["light", "dark"];
const pageLimit = 30 * 1024;
const axeTags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const policy =
	"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const kinds = { ".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".html": "text/html" };

const [pages, shots, ...wanted] = process.argv.slice(2);
if (!pages) {
	console.error("usage: node preview.mjs PAGES [SCREENSHOTS [STATE...]]");
	process.exit(2);
}
const statics = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "static");
const states = fs
	.readdirSync(pages)
	.filter((name) => name.endsWith(".html"))
	.map((name) => name.slice(0, -5))
	.filter((name) => wanted.length === 0 || wanted.includes(name));
if (shots)
	fs.mkdirSync(shots, { recursive: true });

let failed = false;

function check(claim, holds, detail) {
	console.log(holds ? `ok ${claim}` : `not ok ${claim}${detail ? `: ${detail}` : ""}`);
	failed ||= !holds;
}

function answer(response, code, file) {
	response.writeHead(code, {
		"Content-Type": `${kinds[path.extname(file)] ?? "application/octet-stream"}; charset=utf-8`,
		"Content-Security-Policy": policy,
	});
	response.end(fs.readFileSync(file));
}

const posts = [];
/* What the next POST is answered with: a status code and a page. */
let nextAnswer = [200, "sent"];

const server = http.createServer((request, response) => {
	const address = new URL(request.url, "http://localhost").pathname;
	const name = path.basename(address);
	if (request.method === "POST") {
		const body = [];
		request.on("data", (bytes) => body.push(bytes));
		request.on("end", () => {
			posts.push(Buffer.concat(body));
			const [code, state] = nextAnswer;
			if (code === 303) {
				response.writeHead(303, { Location: `/${state}` });
				response.end();
			} else if (code === 0) {
				request.socket.destroy();
			} else {
				answer(response, code, path.join(pages, `${state}.html`));
			}
		});
	} else if (address.startsWith("/static/") && fs.existsSync(path.join(statics, name))) {
		answer(response, 200, path.join(statics, name));
	} else if (fs.existsSync(path.join(pages, `${name}.html`))) {
		answer(response, 200, path.join(pages, `${name}.html`));
	} else if (address === "/favicon.ico") {
		/* Asked for by a page that stands in a frame elsewhere, and names no icon. */
		response.writeHead(204);
		response.end();
	} else {
		response.writeHead(address.endsWith("/content") ? 200 : 404, { "Content-Type": "text/html" });
		response.end("<!doctype html><title>Original</title><h1>Your offer</h1><p>As laid out.");
	}
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});

async function open(options) {
	const context = await browser.newContext({ bypassCSP: true, ...options });
	const page = await context.newPage();
	const strangers = [];
	const complaints = [];
	page.on("request", (request) => request.url().startsWith(origin) || strangers.push(request.url()));
	page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
	page.on("pageerror", (error) => complaints.push(String(error)));
	return { context, page, strangers, complaints };
}

async function findings(page) {
	await page.evaluate(axe.source);
	const result = await page.evaluate(
		(tags) => window.axe.run(document, { runOnly: tags, iframes: false }),
		axeTags,
	);
	return result.violations.map((rule) => `${rule.id} at ${rule.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/* Every page, in every width and scheme. */
for (const scheme of schemes) {
	for (const width of widths) {
		const { context, page, strangers, complaints } = await open({
			viewport: { width, height: 900 },
			colorScheme: scheme,
			deviceScaleFactor: 1,
		});
		/* Contrast hangs on the scheme, sizes on the width: two of the six show all. */
		const judged = (scheme === "light") === (width === 360) && width !== 768;
		for (const state of judged || shots ? states : []) {
			await page.goto(`${origin}/${state}`);
			if (shots)
				await page.screenshot({ path: path.join(shots, `${state}-${width}-${scheme}.png`), fullPage: true });
			if (judged) {
				const found = await findings(page);
				check(`${state} ${width} ${scheme}: no finding of axe`, found.length === 0, found.join("; "));
			}
		}
		check(`${width} ${scheme}: nobody else is asked for anything`, strangers.length === 0, strangers.join(" "));
		check(`${width} ${scheme}: the console stays empty`, complaints.length === 0, complaints.join(" "));
		await context.close();
	}
}

/* Under the policy that the portal sends, and on the narrowest screen. */
{
	const { context, page, complaints } = await open({ bypassCSP: false, viewport: { width: 320, height: 640 } });
	for (const state of states) {
		await page.goto(`${origin}/${state}`);
		await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		const size = fs.statSync(path.join(pages, `${state}.html`)).size;
		check(`${state}: fits into 320 px and 30 kB`, wide <= 320 && size < pageLimit, `${wide} px, ${size} bytes`);
	}
	check("the content security policy is kept", complaints.length === 0, complaints.join(" "));
	await page.emulateMedia({ media: "print" });
	await page.goto(`${origin}/message-files`);
	const printed = await page.evaluate(() => document.body.innerText);
	check("print: the message is there", printed.includes("Dear Fred"));
	check("print: and nothing else", !/Destroy|Reply|portal\.example/.test(printed));
	await context.close();
}

/* The upload script. */
{
	const { context, page } = await open({ bypassCSP: false });
	const file = { name: "payslip.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(700000, "x") };

	await page.goto(`${origin}/reply`);
	await page.fill("#body", "Here it is.");
	await page.setInputFiles("#files", file);
	nextAnswer = [413, "reply-too-large"];
	await page.click("form.upload button");
	await page.waitForSelector("[role=alert]");
	const kept = await page.evaluate(() => document.querySelector("#files").files.length);
	check("upload: a refusal is shown on the page", (await page.title()).startsWith("Error"));
	check("upload: the chosen files stay chosen", kept === 1, `${kept}`);
	check("upload: the text stays", (await page.inputValue("#body")) === "Here it is.");
	const ready = await page.isEnabled("form.upload button");
	check("upload: it can be sent again", ready);

	nextAnswer = [0, ""];
	await page.click("form.upload button");
	await page.waitForFunction(() => document.querySelector(".progress .hint").textContent.includes("broke"));
	check("upload: a broken connection leaves the text", (await page.inputValue("#body")) === "Here it is.");

	nextAnswer = [200, "sent"];
	await page.click("form.upload button");
	await page.waitForFunction(() => document.title.startsWith("Reply sent"));
	const last = posts.at(-1);
	check("upload: the whole file was sent", last.length > 700000 && last.includes('filename="payslip.pdf"'));
	check(
		"upload: the token comes first, then the text, then the files",
		last.indexOf('name="csrf"') < last.indexOf('name="body"') &&
			last.indexOf('name="body"') < last.indexOf('name="files"'),
	);

	await page.goto(`${origin}/reply`);
	nextAnswer = [303, "message-replied"];
	await page.click("form.upload button");
	await page.waitForURL(`${origin}/message-replied`);
	check("upload: a redirection is followed", (await page.title()).startsWith("Your message"));
	await page.goBack();
	await page.waitForSelector("form.upload");
	check("upload: the way back leads to the form", true);
	await context.close();
}

/* The same form without any script. */
{
	const { context, page } = await open({ bypassCSP: false, javaScriptEnabled: false });
	await page.goto(`${origin}/reply`);
	nextAnswer = [200, "sent"];
	await page.fill("#body", "By keyboard");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.waitForURL(/reply$/);
	await page.getByRole("heading", { name: "Your reply has been sent" }).waitFor();
	check("without script: the form is sent by keyboard", posts.at(-1).includes("By keyboard"));
	await context.close();
}

await browser.close();
server.close();
process.exit(failed ? 1 : 0);
