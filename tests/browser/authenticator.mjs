/*
 * A virtual authenticator of Chromium: passkeys without a device.
 */
/* One in the machine that this page is shown on, whose owner is there and verified. */
export async function authenticator({ context, page }) {
	const session = await context.newCDPSession(page);
	await session.send("WebAuthn.enable");
	const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
		options: {
			protocol: "ctap2",
			transport: "internal",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
	return { send: (verb, more) => session.send(`WebAuthn.${verb}`, { authenticatorId, ...more }) };
}

export async function credentials(device) {
	return (await device.send("getCredentials")).credentials;
}

/* Is there one passkey, and is it for this host? */
export async function hasOne(device, host) {
	const found = await credentials(device);
	return found.length === 1 && found[0].rpId === host;
}
