/** Small documents of each kind that printers take. */
import type { AttachmentHandle } from "writ";
import { attachment } from "./fake_context.ts";

/**
 * A valid PDF 1.4 with one line of text on each page.
 *
 * @see ISO 32000-1, "File Structure"
 */
export function pdf(pages = 1): AttachmentHandle {
  const numbers = Array.from({ length: pages }, (_, i) => i);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages} /Kids [${
      numbers.map((i) => `${4 + 2 * i} 0 R`).join(" ")
    }] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...numbers.flatMap((i) => {
      const drawing = `BT /F1 24 Tf 72 720 Td (Page ${i + 1}) Tj ET`;
      return [
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] " +
        `/Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
        `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
      ];
    }),
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const offset = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n`;
  const content = `${text}${table}${trailer}startxref\n${text.length}\n%%EOF\n`;
  return attachment("report.pdf", "application/pdf", new TextEncoder().encode(content));
}

/** Two pages of text, with letters outside ASCII. */
export function plainText(): AttachmentHandle {
  const content = new TextEncoder().encode("Grüße, page one\n\fpage two\n");
  return attachment("notes.txt", "text/plain; charset=utf-8", content);
}

/** The smallest baseline JPEG: one grey pixel. */
export function jpeg(): AttachmentHandle {
  return attachment("dot.jpg", "image/jpeg", Uint8Array.fromBase64(JPEG));
}

const JPEG =
  "/9j/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/" +
  "wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z";
