/// What stands around and inside the cells of a textual format, apart from how text is escaped (``CellEscaping``).
struct TextDialect {
    var rowStart = ShortText("")
    var cellStart = ShortText("")
    var cellEnd = ShortText("")
    /// A NULL, whole.
    var null = ShortText("")
    /// Between two cells.
    var separator = ShortText("")
    /// Between two rows.
    var rowSeparator = ShortText("")
    var rowEnd = ShortText("")
    var arrayStart = ShortText("")
    var arraySeparator = ShortText(" ")
    var arrayEnd = ShortText("")
    /// A NULL inside an array of whole numbers; nil for the smallest number, which a VOTable declares (Field.binaryNull).
    var missingElement: ShortText?
    /// A NULL inside an array of floating numbers.
    var missingNumber = ShortText("NaN")
    var isTrue = ShortText("T")
    var isFalse = ShortText("F")
    var notANumber = ShortText("NaN")
    var infinity = ShortText("+Inf")
    var negativeInfinity = ShortText("-Inf")
    /// Around what is text by nature and needs no escaping: timestamps and identifiers.
    var quote = ShortText("")
    /// Around the URL of a row's links.
    var linkStart = ShortText("")
    var linkEnd = ShortText("")

    /// Around the identifier of a row, where rows can be marked.
    var markStart: StaticString = ""
    var markEnd: StaticString = ""

    static let tableData = Self(
        rowStart: ShortText("<TR>"), cellStart: ShortText("<TD>"), cellEnd: ShortText("</TD>"), null: ShortText("<TD/>"),
        rowEnd: ShortText("</TR>\n"))

    static let csv = Self(separator: ShortText(","), rowEnd: ShortText("\r\n"))

    /// An empty line would be no row to many readers: where there is one column, NULL is written as the empty text is.
    static let csvOfOneColumn = Self(null: ShortText("\"\""), separator: ShortText(","), rowEnd: ShortText("\r\n"))

    static let tsv = Self(separator: ShortText("\t"), rowEnd: ShortText("\n"))

    static let html = Self(
        rowStart: ShortText("<tr>"), cellStart: ShortText("<td>"), cellEnd: ShortText("</td>"), null: ShortText("<td></td>"),
        rowEnd: ShortText("</tr>\n"), linkStart: ShortText("<a href=\""), linkEnd: ShortText("\">links</a>"),
        markStart: "<label><input type=\"checkbox\" name=\"id\" value=\"", markEnd: "\"><span class=\"hidden\">mark</span></label>")

    /// Numbers that JSON has no way to write are strings: float("NaN") and Number("Infinity") read them.
    static let json = Self(
        rowStart: ShortText("["), null: ShortText("null"), separator: ShortText(","), rowSeparator: ShortText(",\n"),
        rowEnd: ShortText("]"), arrayStart: ShortText("["), arraySeparator: ShortText(","), arrayEnd: ShortText("]"),
        missingElement: ShortText("null"), missingNumber: ShortText("null"), isTrue: ShortText("true"), isFalse: ShortText("false"),
        notANumber: ShortText("\"NaN\""), infinity: ShortText("\"Infinity\""), negativeInfinity: ShortText("\"-Infinity\""),
        quote: ShortText("\""), linkStart: ShortText("\""), linkEnd: ShortText("\""))

    /// Cells and rows apart by bytes that no cell holds; the layout comes later.
    static let plain = Self(separator: ShortText("\u{1F}"), rowEnd: ShortText("\n"))
}
