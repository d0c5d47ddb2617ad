-- 4: left, but nobody was told its password: its sender chose a new passphrase before that, or the mail with it was
-- taken by no server.
alter table delivery
	drop constraint delivery_pdf_outcome_check,
	add constraint delivery_pdf_outcome_check check (pdf_outcome between 0 and 4);
