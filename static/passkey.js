/*
 * Asks the browser for a passkey when a form is sent that takes one, and puts what it gives into the
 * form's fields.  Without it the code beside it does the same; its words stand in the data attributes
 * of the page, so that they can be translated with it.
 */
(function () {
	"use strict";

	function bytes(text) {
		var binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
		return Uint8Array.from(binary, function (character) {
			return character.charCodeAt(0);
		});
	}

	function text(buffer) {
		var binary = "";
		new Uint8Array(buffer).forEach(function (byte) {
			binary += String.fromCharCode(byte);
		});
		return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
	}

	function all(words) {
		return words.dataset.all.split(" ").filter(Boolean).map(function (id) {
			return { type: "public-key", id: bytes(id) };
		});
	}

	function show(form, words) {
		return navigator.credentials
			.get({
				publicKey: {
					challenge: bytes(words.dataset.challenge),
					rpId: words.dataset.host,
					allowCredentials: all(words),
					userVerification: "required",
				},
			})
			.then(function (shown) {
				form.elements.passkey_id.value = text(shown.rawId);
				form.elements.passkey_client.value = text(shown.response.clientDataJSON);
				form.elements.passkey_data.value = text(shown.response.authenticatorData);
				form.elements.passkey_signature.value = text(shown.response.signature);
			});
	}

	function make(form, words) {
		var maker = form.querySelector("[data-passkey-make]").dataset;
		return navigator.credentials
			.create({
				publicKey: {
					rp: { id: words.dataset.host, name: maker.organisation },
					user: { id: bytes(maker.user), name: maker.address, displayName: maker.address },
					challenge: bytes(maker.passkeyMake),
					pubKeyCredParams: [-7, -8, -257].map(function (algorithm) {
						return { type: "public-key", alg: algorithm };
					}),
					excludeCredentials: all(words),
					authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
					attestation: "none",
				},
			})
			.then(function (made) {
				form.elements.made_client.value = text(made.response.clientDataJSON);
				form.elements.made_attestation.value = text(made.response.attestationObject);
			});
	}

	/* A code that is typed stands for itself; one that was shown is good until the form is sent. */
	function owes(form, words) {
		var code = form.elements.code;
		return Boolean(words.dataset.challenge) && !(code && code.value.trim()) && !form.elements.passkey_id.value;
	}

	/* Sent by us, the form does not say which button it was. */
	function send(form, button) {
		if (button && button.name) {
			var field = document.createElement("input");
			field.type = "hidden";
			field.name = button.name;
			field.value = button.value;
			form.appendChild(field);
		}
		form.submit();
	}

	function prepare(words) {
		var form = words.closest("form");
		var said = words.querySelector("[role=status]");
		var busy = false;

		form.addEventListener("submit", function (event) {
			var making = Boolean(form.querySelector("[data-passkey-make]"));
			var showing = owes(form, words);
			if (!making && !showing)
				return;
			event.preventDefault();
			if (busy)
				return;
			busy = true;
			said.textContent = words.dataset.asking;
			(showing ? show(form, words) : Promise.resolve())
				.then(function () {
					return making ? make(form, words) : null;
				})
				.then(
					function () {
						send(form, event.submitter);
					},
					function (error) {
						busy = false;
						said.textContent =
							making && error.name === "InvalidStateError" ? words.dataset.there : words.dataset.failed;
					}
				);
		});
		words.querySelector("[data-passkey-without]").remove();
		/* Not in the page without us: text browsers show what is hidden. */
		form.querySelectorAll("[data-passkey-says]").forEach(function (place) {
			place.textContent = place.dataset.passkeySays;
		});
		form.querySelectorAll("[data-passkey-button]").forEach(function (place) {
			var button = document.createElement("button");
			button.type = "submit";
			button.textContent = place.dataset.passkeyButton;
			place.appendChild(button);
		});
	}

	if (window.PublicKeyCredential && navigator.credentials)
		document.querySelectorAll("[data-passkey]").forEach(prepare);
})();
