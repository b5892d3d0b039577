/** A kind of file that is no table or image of ours, in words, and what to do about it. */
export interface FileKind {
  readonly name: string;
  readonly hint: string;
}

const ARCHIVE = "unpacking it first";
const CONVERT = "writing it as CSV or Parquet";

/** How a file begins, as Latin-1; `binary`: and no text goes on like that, as it would in a table's header. */
interface Magic extends FileKind {
  readonly start: string;
  readonly binary?: true;
}

const MAGIC: readonly Magic[] = [
  { start: "version https://git-lfs", name: "a Git LFS pointer instead of the file", hint: "git lfs pull" },
  { start: "/annex/objects/", name: "a git-annex pointer instead of the file", hint: "git annex get" },
  { start: "PK\x03\x04", name: "a zip archive", hint: ARCHIVE },
  { start: "PK\x05\x06", name: "an empty zip archive", hint: ARCHIVE },
  {
    start: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    name: "an Excel workbook (.xls) or another old Office file",
    hint: CONVERT,
  },
  { start: "%PDF-", name: "a PDF document", hint: CONVERT },
  { start: "SQLite format 3\0", name: "an SQLite database", hint: "a query's rows, or writing them as CSV" },
  { start: "ARROW1\0", name: "an Arrow (Feather) file", hint: "writing it as Parquet" },
  { start: "\xff\xff\xff\xff", name: "a stream of Arrow", hint: "writing it as Parquet" },
  { start: "FEA1", binary: true, name: "a Feather file", hint: "writing it as Parquet" },
  { start: "ORC", binary: true, name: "an ORC file", hint: CONVERT },
  { start: "Obj\x01", name: "an Avro file", hint: CONVERT },
  { start: "PAR1", binary: true, name: "a Parquet file", hint: "readTable" },
  { start: "PARE", binary: true, name: "an encrypted Parquet file", hint: "decrypting it first" },
  { start: "\x89HDF\r\n", name: "an HDF5 file", hint: CONVERT },
  { start: "CDF", binary: true, name: "a netCDF file", hint: CONVERT },
  { start: "\x93NUMPY", name: "a NumPy array", hint: CONVERT },
  { start: "MATLAB 5.0 MAT-file", name: "a MATLAB file", hint: CONVERT },
  { start: "$FL2@(#)", name: "an SPSS file", hint: CONVERT },
  { start: "$FL3@(#)", name: "an SPSS file", hint: CONVERT },
  { start: "<stata_dta>", name: "a Stata file", hint: CONVERT },
  ...["\x02", "\x03", "\x04", "\x05"].map((v) => ({
    start: `\x80${v}`,
    name: "a Python pickle",
    hint: CONVERT,
  })),
  { start: "\x1f\x8b", name: "a gzip file", hint: ARCHIVE },
  ...Array.from("123456789", (level) => ({
    start: `BZh${level}1AY&SY`,
    name: "a bzip2 file",
    hint: ARCHIVE,
  })),
  { start: "\xfd7zXZ\0", name: "an xz file", hint: ARCHIVE },
  { start: "\x28\xb5\x2f\xfd", name: "a Zstandard file", hint: ARCHIVE },
  { start: "\x04\x22\x4d\x18", name: "an LZ4 file", hint: ARCHIVE },
  { start: "7z\xbc\xaf\x27\x1c", name: "a 7z archive", hint: ARCHIVE },
  { start: "Rar!\x1a\x07", name: "a RAR archive", hint: ARCHIVE },
  { start: "\x89PNG\r\n", name: "a PNG image", hint: "decodeImage" },
  { start: "\xff\xd8\xff", name: "a JPEG image", hint: "decodeImage" },
  { start: "GIF87a", binary: true, name: "a GIF image", hint: "decodeImage" },
  { start: "GIF89a", binary: true, name: "a GIF image", hint: "decodeImage" },
  { start: "II*\0", name: "a TIFF image", hint: "converting it to PNG" },
  { start: "MM\0*", name: "a TIFF image", hint: "converting it to PNG" },
  { start: "{\\rtf", name: "a document in RTF", hint: CONVERT },
];

/** Kinds whose mark stands further in, after bytes that no text has. */
const MARKS: readonly (FileKind & { readonly mark: RegExp })[] = [
  { mark: /^[^,;]{257}ustar/s, name: "a tar archive", hint: ARCHIVE },
  { mark: /^RIFF.{4}WEBP/s, name: "a WebP image", hint: "decodeImage" },
  { mark: /^[^ -~]..[^ -~]ftyp(heic|heix|mif1|msf1)/s, name: "a HEIC image", hint: "converting it to JPEG" },
  { mark: /^[^ -~]..[^ -~]ftyp/s, name: "a video, or another file of MPEG-4's kind", hint: CONVERT },
];

/** Kinds of text, told by how they begin after white space. */
const TEXTS: readonly (readonly [start: RegExp, kind: FileKind])[] = [
  [
    /^(<!--|<!doctype html|<html|<head|<body|<table)/i,
    { name: "an HTML page", hint: "the link to the file itself, as a page was fetched in its place" },
  ],
  [/^<svg/i, { name: "an SVG drawing", hint: "drawing it as a PNG" }],
  [/^<\?xml/i, { name: "an XML document", hint: CONVERT }],
  // Not a bracket alone: a header may begin with one, as in "[id],name".
  [
    /^(\{\s*("|\}|$)|\[\s*(["{[\]}\d-]|true|false|null|$))/,
    { name: "JSON", hint: "its rows: the array that JSON.parse gives" },
  ],
];

/** Folders in a zip archive that tell what wrote it. */
const ZIPS: readonly (readonly [part: RegExp, kind: FileKind])[] = [
  [/xl\/|worksheets/, { name: "an Excel workbook (.xlsx)", hint: CONVERT }],
  [/opendocument\.spreadsheet/, { name: "a spreadsheet (.ods)", hint: CONVERT }],
  [/word\//, { name: "a Word document (.docx)", hint: CONVERT }],
  [/\.npy/, { name: "a NumPy archive (.npz)", hint: CONVERT }],
];

/**
 * What a file is, by its first bytes, where it is of a kind that is often taken for a table or an image and is
 * neither a CSV file nor plain text.
 *
 * @param bytes - The whole file.
 */
export function kindOfFile(bytes: Uint8Array): FileKind | undefined {
  const start = latin1(bytes.subarray(0, 1024));
  const goesOnInText = (at: number) => ![...start.slice(at, at + 60)].some(isControl);
  const kind =
    MAGIC.find((kind) => start.startsWith(kind.start) && !(kind.binary && goesOnInText(kind.start.length))) ??
    MARKS.find(({ mark }) => mark.test(start));
  if (kind !== undefined && start.startsWith("PK")) {
    // A zip archive's list of contents is at its end; the names are in plain text.
    const contents = latin1(bytes.subarray(0, 4096)) + latin1(bytes.subarray(-65_536));
    return ZIPS.find(([part]) => part.test(contents))?.[1] ?? kind;
  }
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  return kind ?? TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Whether a character is one that no text has. */
function isControl(character: string): boolean {
  return character < " " && !"\t\n\r\f".includes(character);
}

function latin1(bytes: Uint8Array): string {
  // Not TextDecoder, whose "latin1" is windows-1252 and changes 0x80 … 0x9f. In parts: arguments go on the stack.
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}
