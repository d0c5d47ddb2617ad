/*
 * Says in time that the visit is about to end, and lets it go on without leaving the page.  Without it
 * the time stands on the page, and its buttons do the same.
 */
(function () {
	"use strict";

	var warnBefore = 120;
	var timers = [];
	var box = null;

	function place() {
		return document.querySelector("[data-stay]");
	}

	function say(text, button) {
		if (box)
			box.remove();
		box = document.createElement("div");
		box.className = "alert";
		box.setAttribute("role", "alert");
		var words = document.createElement("p");
		words.textContent = text;
		box.appendChild(words);
		if (button)
			box.appendChild(button);
		place().appendChild(box);
	}

	/* The answer is a page of the same visit, with its new time on it. */
	function stay() {
		var token = document.querySelector("input[name=csrf]");
		var base = location.pathname.replace(/\/[^/]*$/, "");
		var fields = new URLSearchParams();

		fields.append("csrf", token ? token.value : "");
		fetch(base + "/stay", { method: "POST", body: fields, credentials: "same-origin" })
			.then(function (response) {
				return response.ok ? response.text() : "";
			})
			.then(function (text) {
				var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-stay]");
				if (!fresh) {
					say(place().dataset.over);
					return;
				}
				box = null;
				place().replaceWith(fresh);
				start();
			})
			.catch(function () {
				say(place().dataset.over);
			});
	}

	function warn() {
		var button = document.createElement("button");

		button.type = "button";
		button.textContent = place().dataset.longer;
		button.addEventListener("click", stay);
		say(place().dataset.soon, button);
	}

	function start() {
		var left = Number(place().dataset.stay);

		timers.forEach(clearTimeout);
		timers = [
			setTimeout(warn, Math.max(left - warnBefore, left / 2) * 1000),
			setTimeout(function () {
				say(place().dataset.over);
			}, left * 1000),
		];
	}

	if (!place() || !window.fetch || !window.DOMParser)
		return;
	start();
	/* The upload's answer came in the place of the page. */
	document.addEventListener("fresh", function () {
		if (place())
			start();
	});
})();
