/*
 * A whole Postern for the journey, kept by installation.py: ask() puts one question
 * and waits for its answer.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), "installation.py");

export class Installation {
	constructor() {
		this.process = spawn("/usr/bin/python3", ["-B", program], { stdio: ["pipe", "pipe", "inherit"] });
		this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
		this.ended = new Promise((resolve) => this.process.on("exit", resolve));
	}

	async ask(verb, more = {}) {
		this.process.stdin.write(`${JSON.stringify({ verb, ...more })}\n`);
		const { value, done } = await this.lines.next();
		if (done)
			throw new Error(`the installation ended before it answered "${verb}"`);
		const answer = JSON.parse(value);
		if (answer.error)
			throw new Error(`${verb}: ${answer.error}`);
		return answer;
	}

	/* Ends it; its exit status tells whether the daemons ended properly. */
	async close() {
		this.process.stdin.end();
		return this.ended;
	}
}
