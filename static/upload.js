/*
 * Shows how far an upload has come.  Without it the form works as any form; its words stand in the
 * data attributes of the form, so that they can be translated with the page.
 */
(function () {
	"use strict";

	if (!document.querySelector("form.upload") || !window.FormData || !window.DOMParser)
		return;

	var box = document.createElement("div");
	var bar = document.createElement("progress");
	var words = document.createElement("p");
	var running = false;

	box.className = "progress";
	words.className = "hint";
	words.setAttribute("role", "status");
	bar.max = 100;
	box.appendChild(bar);
	box.appendChild(words);

	function buttons(form, off) {
		form.querySelectorAll("button").forEach(function (button) {
			button.disabled = off;
		});
	}

	function stop(form, text) {
		running = false;
		buttons(form, false);
		bar.hidden = true;
		words.textContent = text;
	}

	/* The answer is a page of the portal, there already after a redirection. */
	function show(form, request) {
		var page = new DOMParser().parseFromString(request.responseText, "text/html");
		var main = page.getElementById("main");
		if (!main) {
			stop(form, form.dataset.broken);
			return;
		}
		/* Chosen files cannot be put into a new form: where the portal kept nothing, the old one
		 * moves over. */
		var fresh = main.querySelector("form.upload");
		if (fresh && request.status >= 400 && !fresh.dataset.saved) {
			form.elements.csrf.value = fresh.elements.csrf.value;
			form.elements.keep.value = fresh.elements.keep.value;
			fresh.replaceWith(form);
			stop(form, "");
		}
		box.remove();
		running = false;
		if (request.responseURL && request.responseURL !== form.action)
			history.pushState(null, "", request.responseURL);
		document.title = page.title;
		document.getElementById("main").replaceWith(main);
		main.focus();
		document.dispatchEvent(new Event("fresh"));
		window.scrollTo(0, 0);
	}

	window.addEventListener("popstate", function () {
		location.reload();
	});

	document.addEventListener("submit", function (event) {
		var form = event.target;
		if (!form.matches("form.upload"))
			return;
		event.preventDefault();
		if (running)
			return;

		var data = new FormData(form);
		var request = new XMLHttpRequest();
		var spoken = -1;
		/* Which button it was: behind the files, as on the page. */
		if (event.submitter && event.submitter.name)
			data.append(event.submitter.name, event.submitter.value);
		running = true;
		buttons(form, true);
		bar.hidden = false;
		bar.value = 0;
		bar.setAttribute("aria-label", form.dataset.sending);
		words.textContent = form.dataset.sending;
		form.insertBefore(box, form.querySelector(".actions"));

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
			show(form, request);
		});
		request.addEventListener("error", function () {
			stop(form, form.dataset.broken);
		});
		request.open("POST", form.action);
		request.send(data);
	});
})();
