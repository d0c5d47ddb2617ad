/*
 * Shows how far an upload has come.  Without it the form works as any form; its words stand in the
 * data attributes of the form, so that they can be translated with the page.
 */
(function () {
	"use strict";

	var form = document.querySelector("form.upload");
	if (!form || !window.FormData || !window.DOMParser)
		return;

	var button = form.querySelector("button");
	var box = document.createElement("div");
	var bar = document.createElement("progress");
	var words = document.createElement("p");
	var running = false;

	box.className = "progress";
	words.className = "hint";
	words.setAttribute("role", "status");
	bar.max = 100;
	bar.setAttribute("aria-label", form.dataset.sending);
	box.appendChild(bar);
	box.appendChild(words);

	function stop(text) {
		running = false;
		button.disabled = false;
		bar.hidden = true;
		words.textContent = text;
	}

	/* The answer is a page of the portal, there already after a redirection. */
	function show(request) {
		var page = new DOMParser().parseFromString(request.responseText, "text/html");
		var main = page.getElementById("main");
		if (!main) {
			stop(form.dataset.broken);
			return;
		}
		/* The chosen files cannot be put into a new form, so the old one moves over. */
		var fresh = main.querySelector("form.upload");
		if (fresh) {
			form.elements.csrf.value = fresh.elements.csrf.value;
			fresh.replaceWith(form);
			box.remove();
			stop("");
		}
		if (request.responseURL && request.responseURL !== form.action)
			history.pushState(null, "", request.responseURL);
		document.title = page.title;
		document.getElementById("main").replaceWith(main);
		main.focus();
		window.scrollTo(0, 0);
	}

	window.addEventListener("popstate", function () {
		location.reload();
	});

	form.addEventListener("submit", function (event) {
		var request = new XMLHttpRequest();
		var spoken = -1;

		event.preventDefault();
		if (running)
			return;
		running = true;
		button.disabled = true;
		bar.hidden = false;
		bar.value = 0;
		words.textContent = form.dataset.sending;
		form.insertBefore(box, button.parentNode);

		request.upload.addEventListener("progress", function (step) {
			if (!step.lengthComputable || step.total === 0)
				return;
			var percent = Math.floor((100 * step.loaded) / step.total);
			bar.value = percent;
			/* Screen readers hear every tenth, not every step. */
			if (percent >= 100)
				words.textContent = form.dataset.waiting;
			else if (Math.floor(percent / 10) !== spoken) {
				spoken = Math.floor(percent / 10);
				words.textContent = form.dataset.sending + ": " + percent + " %";
			}
		});
		request.addEventListener("load", function () {
			show(request);
		});
		request.addEventListener("error", function () {
			stop(form.dataset.broken);
		});
		request.open("POST", form.action);
		request.send(new FormData(form));
	});
})();
