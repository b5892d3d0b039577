/** A kind of file that is no table or image of ours, in words, and what to do about it. */
export interface FileKind {
  readonly name: string;
  readonly hint: string;
}

const ARCHIVE = "unpacking it first";
const CONVERT = "writing it as CSV or Parquet";

/** Kinds that their first bytes name, as Latin-1. */
const MAGIC: readonly (readonly [start: RegExp, kind: FileKind])[] = [
  [/^version https:\/\/git-lfs/, { name: "a Git LFS pointer instead of the file", hint: "git lfs pull" }],
  [
    /^(\.\.\/)*(\.git\/annex|\/annex)\/objects/,
    { name: "a git-annex pointer instead of the file", hint: "git annex get" },
  ],
  [/^PK\x03\x04|^PK\x05\x06/, { name: "a zip archive", hint: ARCHIVE }],
  [
    /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/,
    { name: "an Excel workbook (.xls) or another old Office file", hint: CONVERT },
  ],
  [/^%PDF-/, { name: "a PDF document", hint: CONVERT }],
  [/^SQLite format 3\0/, { name: "an SQLite database", hint: "a query's rows, or writing them as CSV" }],
  [
    /^ARROW1|^\xff\xff\xff\xff[^\0]\0*/,
    { name: "an Arrow (Feather) file", hint: "writing it as Parquet: to_parquet" },
  ],
  [/^FEA1[^\x20-\x7e\s]/, { name: "a Feather file", hint: "writing it as Parquet: to_parquet" }],
  [/^ORC[^\x20-\x7e\s]/, { name: "an ORC file", hint: CONVERT }],
  [/^Obj\x01/, { name: "an Avro file", hint: CONVERT }],
  [/^PAR1[^\x20-\x7e\s]/, { name: "a Parquet file", hint: "readTable" }],
  [/^PARE/, { name: "an encrypted Parquet file", hint: "decrypting it first" }],
  [/^\x89HDF\r\n/, { name: "an HDF5 file", hint: CONVERT }],
  [/^CDF[\x01\x02\x05]/, { name: "a netCDF file", hint: CONVERT }],
  [/^\x93NUMPY/, { name: "a NumPy array", hint: CONVERT }],
  [/^MATLAB 5/, { name: "a MATLAB file", hint: CONVERT }],
  [/^\$FL[23]@/, { name: "an SPSS file", hint: CONVERT }],
  [/^<stata_dta>/, { name: "a Stata file", hint: CONVERT }],
  [/^\x80[\x02-\x05][c}\]}(\x95]/, { name: "a Python pickle", hint: CONVERT }],
  [/^\x1f\x8b/, { name: "a gzip file", hint: ARCHIVE }],
  [/^BZh[1-9]1AY&SY/, { name: "a bzip2 file", hint: ARCHIVE }],
  [/^\xfd7zXZ\0/, { name: "an xz file", hint: ARCHIVE }],
  [/^\x28\xb5\x2f\xfd/, { name: "a Zstandard file", hint: ARCHIVE }],
  [/^\x04\x22\x4d\x18/, { name: "an LZ4 file", hint: ARCHIVE }],
  [/^7z\xbc\xaf\x27\x1c/, { name: "a 7z archive", hint: ARCHIVE }],
  [/^Rar!\x1a\x07/, { name: "a RAR archive", hint: ARCHIVE }],
  [/^[^\0]+\0[\s\S]{156,256}ustar/, { name: "a tar archive", hint: ARCHIVE }],
  [/^\x89PNG\r\n/, { name: "a PNG image", hint: "decodeImage" }],
  [/^\xff\xd8\xff/, { name: "a JPEG image", hint: "decodeImage" }],
  [/^GIF8[79]a/, { name: "a GIF image", hint: "decodeImage" }],
  [/^RIFF[\s\S]{4}WEBP/, { name: "a WebP image", hint: "decodeImage" }],
  [/^(II\*\0|MM\0\*)/, { name: "a TIFF image", hint: "converting it to PNG" }],
  [/^[\s\S]{4}ftyp(heic|heix|mif1|msf1)/, { name: "a HEIC image", hint: "converting it to JPEG" }],
  [/^\{\\rtf/, { name: "a document in RTF", hint: CONVERT }],
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
  const kind = MAGIC.find(([pattern]) => pattern.test(start))?.[1];
  if (kind !== undefined && start.startsWith("PK")) {
    // A zip archive's list of contents is at its end; the names are in plain text.
    const contents = latin1(bytes.subarray(0, 4096)) + latin1(bytes.subarray(-65_536));
    return ZIPS.find(([part]) => part.test(contents))?.[1] ?? kind;
  }
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  return kind ?? TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

function latin1(bytes: Uint8Array): string {
  // Not TextDecoder, whose "latin1" is windows-1252 and changes 0x80 … 0x9f. In parts: arguments go on the stack.
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}
