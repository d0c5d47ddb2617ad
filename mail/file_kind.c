#include "mail/file_kind.h"

#include <string.h>

#define ENDING_MAX ((size_t)12)

/* One row for each kind: endings and types that stand for it, with a blank around each. */
static const struct {
	enum file_kind kind;
	const char *endings;
	const char *types; /* "image/" stands for all that begin so */
} rows[] = {
    {FILE_KIND_PDF, " pdf ", " application/pdf "},
    {FILE_KIND_WORD, " doc docx dot dotx odt ott rtf pages wpd ",
     " application/msword application/rtf text/rtf application/vnd.oasis.opendocument.text "
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document "},
    {FILE_KIND_SHEET, " xls xlsx xlt xltx ods ots numbers ",
     " application/vnd.ms-excel application/vnd.oasis.opendocument.spreadsheet "
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet "},
    {FILE_KIND_SLIDES, " ppt pptx pps ppsx pot potx odp key ",
     " application/vnd.ms-powerpoint application/vnd.oasis.opendocument.presentation "
     "application/vnd.openxmlformats-officedocument.presentationml.presentation "},
    {FILE_KIND_TEXT, " txt text csv tsv md log ini conf json yaml yml xml tex ",
     " text/plain text/csv text/markdown application/json text/xml application/xml "},
    {FILE_KIND_PICTURE,
     " png jpg jpeg jpe jfif gif webp bmp tif tiff heic heif avif ico psd raw dng ", " image/ "},
    {FILE_KIND_SOUND, " mp3 m4a wav flac ogg oga opus aac wma mid midi amr ", " audio/ "},
    {FILE_KIND_FILM, " mp4 m4v mov avi mkv webm mpg mpeg wmv ogv 3gp ", " video/ "},
    {FILE_KIND_ZIP, " zip ", " application/zip application/x-zip-compressed "},
    {FILE_KIND_ARCHIVE, " 7z rar tar gz tgz bz2 tbz xz txz zst lz lzh cab arj ",
     " application/gzip application/x-7z-compressed application/x-tar application/vnd.rar "
     "application/x-rar-compressed "},
    {FILE_KIND_MAIL, " eml msg mbox ", " message/rfc822 application/vnd.ms-outlook "},
    {FILE_KIND_CALENDAR, " ics ical vcs ", " text/calendar "},
    {FILE_KIND_CONTACT, " vcf vcard ", " text/vcard text/x-vcard "},
    {FILE_KIND_KEY, " asc sig pgp gpg p7s p7m p7c p12 pfx pem cer crt der ",
     " application/pgp-signature application/pgp-keys application/pgp-encrypted "
     "application/pkcs7-signature application/pkcs7-mime "},
    {FILE_KIND_WEB, " html htm xhtml xht shtml shtm mht mhtml svg svgz swf ",
     " text/html application/xhtml+xml image/svg+xml "},
    {FILE_KIND_MACRO,
     " docm dotm xlsm xltm xlsb xlam xla xll pptm potm ppsm ppam sldm mdb accdb one ",
     " application/vnd.ms-word.document.macroenabled.12 "
     "application/vnd.ms-excel.sheet.macroenabled.12 application/onenote "},
    {FILE_KIND_IMAGE, " iso img vhd vhdx dmg udf vmdk ", " application/x-iso9660-image "},
    {FILE_KIND_PROGRAM,
     " exe com scr pif bat cmd msi msix msp mst msc appx appxbundle cpl dll sys ocx drv gadget hta "
     "inf ins isp jar jnlp apk ipa app pkg deb rpm run elf so js jse mjs vbs vbe vb wsf wsh ws "
     "ps1 ps1xml ps2 psm1 psd1 psc1 reg lnk url website desktop scf sct shb shs sh bash zsh csh "
     "command workflow action terminal py pyc pyw pl rb php lua chm hlp library-ms search-ms "
     "settingcontent-ms appref-ms application diagcab xbap rdp theme themepack ",
     " application/x-msdownload application/x-dosexec application/x-msdos-program "
     "application/vnd.microsoft.portable-executable application/x-executable "
     "application/java-archive application/vnd.android.package-archive application/x-sh "
     "application/javascript text/javascript application/hta "},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Whether `word`, with the blanks around it, stands in the list. */
static bool
is_listed(const char *list, const char *word)
{
	return strstr(list, word) != NULL;
}

/* " ending " in lower case of a name; "" when it has none.  Dots and blanks at the end do not
 * count: Windows drops them, and opens the file by what is before. */
static void
ending_of(struct slice name, char ending[ENDING_MAX + 8])
{
	size_t end = name.size;
	size_t from;

	ending[0] = '\0';
	while (end > 0 && (name.data[end - 1] == '.' || name.data[end - 1] == ' '))
		end--;
	from = end;
	while (from > 0 && end - from <= ENDING_MAX + 5 && name.data[from - 1] != '.')
		from--;
	if (from == 0 || name.data[from - 1] != '.' || end == from || end - from > ENDING_MAX + 5)
		return;
	ending[0] = ' ';
	for (size_t i = from; i < end; i++) {
		if (name.data[i] <= ' ' || name.data[i] >= 0x7f) {
			ending[0] = '\0';
			return;
		}
		ending[1 + i - from] = (char)slice_lower(name.data[i]);
	}
	ending[1 + end - from] = ' ';
	ending[2 + end - from] = '\0';
}

static enum file_kind
kind_by_type(struct slice type)
{
	char word[132] = " ";
	size_t slash;

	if (type.size == 0 || type.size > 128)
		return FILE_KIND_OTHER;
	for (size_t i = 0; i < type.size; i++) {
		if (type.data[i] <= ' ' || type.data[i] >= 0x7f)
			return FILE_KIND_OTHER;
		word[1 + i] = (char)slice_lower(type.data[i]);
	}
	word[1 + type.size] = ' ';
	for (size_t i = 0; i < ROWS; i++)
		if (is_listed(rows[i].types, word))
			return rows[i].kind;
	slash = slice_find_byte(type, '/', 0);
	if (slash == SLICE_NONE)
		return FILE_KIND_OTHER;
	word[slash + 2] = ' ';
	word[slash + 3] = '\0';
	for (size_t i = 0; i < ROWS; i++)
		if (is_listed(rows[i].types, word))
			return rows[i].kind;
	return FILE_KIND_OTHER;
}

enum file_kind
file_kind_of(struct slice name, struct slice type)
{
	char ending[ENDING_MAX + 8];

	ending_of(name, ending);
	if (ending[0] != '\0')
		for (size_t i = 0; i < ROWS; i++)
			if (is_listed(rows[i].endings, ending))
				return rows[i].kind;
	return kind_by_type(type);
}

bool
file_kind_is_risky(enum file_kind kind)
{
	return kind >= FILE_KIND_WEB;
}
