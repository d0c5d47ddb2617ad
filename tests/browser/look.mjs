/*
 * What every page keeps, whatever it says: no finding of axe (WCAG 2.2 AA and its
 * good practice) in light and dark, nothing wider than the screen, under 30 kB.  With
 * a folder for it, a picture of each.
 */
import axe from "axe-core";
import fs from "node:fs";
import path from "node:path";

const pageLimit = 30 * 1024;
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const views = [
	[320, []],
	[360, ["light", "dark"]],
	[1280, ["light", "dark"]],
];

async function findings(page) {
	await page.evaluate(axe.source);
	const result = await page.evaluate(
		(wanted) => window.axe.run(document, { runOnly: wanted, iframes: false, resultTypes: ["violations"] }),
		tags,
	);
	return result.violations.map((rule) => `${rule.id} at ${rule.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

export class Looker {
	constructor(check, shots) {
		this.check = check;
		this.shots = shots;
		this.look = this.look.bind(this);
		if (shots)
			fs.mkdirSync(shots, { recursive: true });
	}

	/* Look at the page as it is, from all sides; then all is as before. */
	async look(page, name) {
		const before = page.viewportSize();
		const size = Buffer.byteLength(await page.content());
		this.check(`${name}: is under 30 kB`, size < pageLimit, `${size} bytes`);
		for (const [width, schemes] of views) {
			await page.setViewportSize({ width, height: 900 });
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			this.check(`${name}: fits into ${width} px`, wide <= width, `${wide} px`);
			for (const scheme of schemes)
				await this.lookAt(page, name, width, scheme);
		}
		await page.emulateMedia({ colorScheme: null });
		await page.setViewportSize(before);
	}

	async lookAt(page, name, width, scheme) {
		await page.emulateMedia({ colorScheme: scheme });
		/* Contrast hangs on the scheme, sizes on the width: two of the four show all. */
		if ((scheme === "light") === (width === 360)) {
			const found = await findings(page);
			this.check(`${name}: no finding of axe (${scheme}, ${width} px)`, found.length === 0, found.join("; "));
		}
		if (this.shots)
			await page.screenshot({ path: path.join(this.shots, `${name}-${width}-${scheme}.png`), fullPage: true });
	}
}
