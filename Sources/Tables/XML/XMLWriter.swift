package import NIOCore

/// Writes well-formed XML, or HTML, into a byte buffer.
///
/// Every start tag gets its end tag: the closure forms write both, and ``close()`` takes the name from the stack of open elements. What is passed
/// as text or attribute value is escaped; names of elements and attributes are the program's own and are not checked.
///
/// ``element(_:_:body:)`` and its sisters end lines where a reader would want it; ``inline(_:_:body:)`` and its sisters add no
/// white space, for mixed content and cells.
package struct XMLWriter: Sendable {
    /// How an element without content is written.
    package enum Dialect: Sendable {
        /// `<td/>`
        case xml
        /// `<td></td>`, and `<br>` for the elements that HTML calls void.
        case html
    }

    /// Attributes in the order given; those with the value nil are left out.
    package typealias Attributes = KeyValuePairs<String, String?>

    /// What was written so far. Others may append to it, such as rows between two tags.
    package var buffer: ByteBuffer
    private let dialect: Dialect
    private var open: [String]
    /// Elements that a running closure must not close.
    private var kept = 0

    /// - Parameter continuing: names of elements, outermost first, whose start tags were written before by another writer.
    package init(into buffer: ByteBuffer = ByteBuffer(), dialect: Dialect = .xml, continuing: [String] = []) {
        self.buffer = buffer
        self.dialect = dialect
        open = continuing
    }

    /// The bytes written so far; the next ones go into a new buffer. Elements stay open.
    package mutating func take() -> ByteBuffer {
        defer { buffer = ByteBuffer() }
        return buffer
    }

    /// `<?xml version="1.0" encoding="UTF-8"?>`, or HTML's doctype.
    package mutating func prolog() {
        buffer.writeStaticString(dialect == .xml ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "<!DOCTYPE html>\n")
    }

    // MARK: - Elements with lines of their own

    package mutating func element(_ name: String, _ attributes: Attributes = [:]) {
        inline(name, attributes)
        newline()
    }

    package mutating func element(_ name: String, _ attributes: Attributes = [:], text: String) {
        inline(name, attributes, text: text)
        newline()
    }

    package mutating func element<Failure: Error>(
        _ name: String, _ attributes: Attributes = [:], body: (inout XMLWriter) throws(Failure) -> Void
    ) throws(Failure) {
        startTag(name, attributes)
        newline()
        try enclose(name, body)
        newline()
    }

    // MARK: - Elements inside a line

    package mutating func inline(_ name: String, _ attributes: Attributes = [:]) {
        tag(name, attributes)
        switch dialect {
        case .xml:
            buffer.writeStaticString("/>")
        case .html:
            buffer.writeStaticString(">")
            if !Self.void.contains(name) { endTag(name) }
        }
    }

    package mutating func inline(_ name: String, _ attributes: Attributes = [:], text: String) {
        startTag(name, attributes)
        self.text(text)
        endTag(name)
    }

    package mutating func inline<Failure: Error>(
        _ name: String, _ attributes: Attributes = [:], body: (inout XMLWriter) throws(Failure) -> Void
    ) throws(Failure) {
        startTag(name, attributes)
        try enclose(name, body)
    }

    // MARK: - Elements that stay open while a stream runs

    package mutating func open(_ name: String, _ attributes: Attributes = [:]) {
        startTag(name, attributes)
        newline()
        open.append(name)
    }

    /// Ends the innermost open element; nothing happens when none is open.
    package mutating func close() {
        guard open.count > kept, let name = open.popLast() else { return }
        endTag(name)
        newline()
    }

    package mutating func closeAll() {
        while open.count > kept { close() }
    }

    // MARK: - Content

    package mutating func text(_ text: some StringProtocol) {
        buffer.writeXML(text)
    }

    package mutating func newline() {
        buffer.writeStaticString("\n")
    }

    // MARK: - Tags

    private mutating func enclose<Failure: Error>(
        _ name: String, _ body: (inout XMLWriter) throws(Failure) -> Void
    ) throws(Failure) {
        let before = kept
        kept = open.count
        // On a failure too: what was opened gets closed, so that the part already sent stays well-formed.
        defer {
            closeAll()
            kept = before
            endTag(name)
        }
        try body(&self)
    }

    private mutating func startTag(_ name: String, _ attributes: Attributes) {
        tag(name, attributes)
        buffer.writeStaticString(">")
    }

    private mutating func tag(_ name: String, _ attributes: Attributes) {
        buffer.writeStaticString("<")
        buffer.writeString(name)
        for case (let key, let value?) in attributes {
            buffer.writeStaticString(" ")
            buffer.writeString(key)
            buffer.writeStaticString("=\"")
            buffer.writeXML(value, as: .attribute)
            buffer.writeStaticString("\"")
        }
    }

    private mutating func endTag(_ name: String) {
        buffer.writeStaticString("</")
        buffer.writeString(name)
        buffer.writeStaticString(">")
    }

    private static let void: Set<String> = ["br", "hr", "img", "input", "link", "meta", "wbr"]
}
