/*
 * The text of a letter as blocks of a document: quotations by the marks of their
 * lines, and what its HTML said by spans.  Knows nothing of templates.
 */
#ifndef PDF_DESCRIBE_TEXT_H
#define PDF_DESCRIBE_TEXT_H

#include "mail/reading_page.h"
#include "pdf/document.h"

/* All lines of it, in blocks of DOCUMENT_LINES, HEADING, ITEM and ROW; addresses become links. */
void pdf_describe_text(struct document *document, const struct page_piece *piece);

#endif
