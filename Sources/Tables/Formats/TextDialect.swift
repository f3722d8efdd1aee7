/// What stands around and inside the cells of a textual format.
struct TextDialect {
    enum Escaping {
        /// `& < >` become entities; characters that XML 1.0 forbids become U+FFFD.
        case xml
        /// A cell with a comma, a quote or a line end is quoted, quotes doubled (RFC 4180). An empty text is `""`, unlike NULL.
        case csv
        /// Tabulators and line ends become blanks.
        case tsv
    }

    let escaping: Escaping
    let rowStart: StaticString
    let cellStart: StaticString
    /// A NULL, whole.
    let null: StaticString
    let cellEnd: StaticString
    /// Between two cells.
    let separator: StaticString
    let rowEnd: StaticString
    /// Whether URLs become links.
    let links: Bool

    static let tableData = Self(
        escaping: .xml, rowStart: "<TR>", cellStart: "<TD>", null: "<TD/>", cellEnd: "</TD>", separator: "", rowEnd: "</TR>\n", links: false
    )
    static let csv = Self(
        escaping: .csv, rowStart: "", cellStart: "", null: "", cellEnd: "", separator: ",", rowEnd: "\r\n", links: false)
    static let tsv = Self(
        escaping: .tsv, rowStart: "", cellStart: "", null: "", cellEnd: "", separator: "\t", rowEnd: "\n", links: false)
    static let html = Self(
        escaping: .xml, rowStart: "<tr>", cellStart: "<td>", null: "<td></td>", cellEnd: "</td>", separator: "", rowEnd: "</tr>\n",
        links: true)
}
