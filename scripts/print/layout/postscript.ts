import type { LayoutWish } from "./wish.ts";

/**
 * What goes before a PostScript program to put several of its pages on a side. Each page that it
 * shows is caught by the device, which moves the next one beside it; the sheet comes out when it is
 * full. The program's own choices of paper would begin a new sheet, and are not heard.
 *
 * @see PostScript Language Reference, third edition, "Page Setup"
 */
const SEVERAL = (up: number) =>
  `userdict begin
/WritUp ${up} def /WritOn 0 def
/WritTurned WritUp 2 eq def
/WritPlace {
  currentpagedevice /PageSize get aload pop /WritH exch def /WritW exch def
  /WritSW WritTurned { WritH 2 div } { WritW 2 div } ifelse def
  /WritSH WritTurned { WritW } { WritH 2 div } ifelse def
  WritTurned { WritW 0 translate 90 rotate } if
  WritOn 2 mod WritSW mul
  WritTurned { 0 } { 1 WritOn 2 idiv sub WritSH mul } ifelse translate
  /WritS WritSW WritW div WritSH WritH div 2 copy gt { exch } if pop def
  WritSW WritW WritS mul sub 2 div WritSH WritH WritS mul sub 2 div translate
  WritS dup scale
} bind def
<< /BeginPage { pop userdict begin WritPlace end } bind
   /EndPage {
     exch pop userdict begin
     2 eq { false } { /WritOn WritOn 1 add WritUp mod def WritOn 0 eq } ifelse
     end
   } bind
>> setpagedevice
/setpagedevice { pop } bind def
end
`;

/** What goes after it: a sheet that is not full comes out too. */
const LAST = `
userdict /WritOn get 0 gt { userdict /WritUp get userdict /WritOn get sub { showpage } repeat } if
`;

/** A page of its own. */
function bannerPage(lines: readonly string[], bothSides: boolean): string {
  const shown = lines.map((line, i) =>
    `54 currentpagedevice /PageSize get 1 get ${108 + 36 * i} sub moveto (${escaped(line)}) show`
  );
  return `gsave /Helvetica findfont 24 scalefont setfont
${shown.join("\n")}
showpage ${bothSides ? "showpage " : ""}grestore
`;
}

/** Letters outside ASCII would be others in each font's own encoding. */
function escaped(line: string): string {
  return line.replace(/[^ -~]/g, "?").replace(/[()\\]/g, "\\$&");
}

/** What stands before and after a PostScript program that is laid out. */
export function aroundPostScript(
  { up, banner, bothSides }: LayoutWish,
): { readonly before: string; readonly after: string } {
  const page = banner ? bannerPage(banner, bothSides) : "";
  return { before: `%!PS\n${page}${up > 1 ? SEVERAL(up) : ""}`, after: up > 1 ? LAST : "" };
}
