import CLibXML2

/// Takes the events of a document, in its order. What a method throws ends the reading.
package protocol XMLHandler: AnyObject {
    func open(_ name: XMLName, _ attributes: borrowing XMLAttributes) throws
    func close(_ name: XMLName) throws
    /// Text, in pieces of any size; entities are resolved.
    func text(_ bytes: UnsafeRawBufferPointer) throws
}

/// The local name of an element. Two are equal when they are the same name of the same document: names are kept once, so that is a comparison of addresses.
package struct XMLName: Hashable {
    fileprivate let address: UnsafePointer<UInt8>

    /// As the document spells it.
    package var text: String { String(cString: address) }
}

/// The attributes of a start tag, lent for the call.
package struct XMLAttributes: ~Copyable {
    fileprivate let pointers: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
    package let count: Int

    /// The value of the attribute of that local name.
    package subscript(_ name: String) -> String? {
        guard let pointers else { return nil }
        for index in 0..<count {
            // Five pointers each: local name, prefix, URI, value, end of the value.
            guard let key = pointers[5 * index], String(cString: key) == name, let start = pointers[5 * index + 3],
                let end = pointers[5 * index + 4]
            else { continue }
            return String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        }
        return nil
    }
}

/// Why a document can't be read; safe for strangers.
package struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    /// Counts from 1.
    package var line: Int

    package var description: String { "\(message) (line \(line))" }
}

/// Reads a document as its bytes arrive, in memory that does not grow with it.
///
/// Nothing is fetched, and entities other than XML's own five are refused, so no document can grow while it is read. Elements nest up to
/// ``depthLimit`` deep, and a single tag, comment or name is bounded.
package final class XMLReader {
    package static let depthLimit = 64
    /// The most bytes that may wait for the end of one tag, comment or the like.
    private static let waitingLimit = 1 << 20

    private let handler: any XMLHandler
    private var context: xmlParserCtxtPtr?
    private var failure: (any Error)?
    private var depth = 0

    package init(_ handler: any XMLHandler) {
        self.handler = handler
        Self.prepare
        var callbacks = xmlSAXHandler()
        callbacks.initialized = ALMAGEST_SAX2
        callbacks.startElementNs = { user, name, _, _, _, _, count, _, attributes in
            XMLReader.with(user) { $0.opened(name, attributes, Int(count)) }
        }
        callbacks.endElementNs = { user, name, _, _ in XMLReader.with(user) { $0.closed(name) } }
        callbacks.characters = { user, bytes, count in XMLReader.with(user) { $0.came(bytes, count) } }
        callbacks.ignorableWhitespace = { user, bytes, count in XMLReader.with(user) { $0.came(bytes, count) } }
        callbacks.cdataBlock = { user, bytes, count in XMLReader.with(user) { $0.came(bytes, count) } }
        callbacks.entityDecl = { user, _, _, _, _, _ in
            XMLReader.with(user) { $0.fail($0.error("entities of the document's own are not read")) }
        }
        callbacks.reference = { user, _ in XMLReader.with(user) { $0.fail($0.error("an entity is not known")) } }
        callbacks.serror = { _, _ in }
        // The context copies the callbacks. It does not own the reader, which outlives it.
        context = xmlCreatePushParserCtxt(&callbacks, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
        if let context { almagest_xml_guard(context) }
    }

    deinit {
        if let context { xmlFreeParserCtxt(context) }
    }

    /// Line that is read now, from 1.
    package var line: Int { context.flatMap { $0.pointee.input.map { Int($0.pointee.line) } } ?? 1 }

    /// Reads on.
    ///
    /// - Throws: ``XMLError``, or what the handler threw.
    package func feed(_ bytes: UnsafeRawBufferPointer) throws {
        // The parser looks at what it has once a call, so one call must not bring much more than it may keep.
        var rest = bytes
        while rest.count > 0 {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(32 * 1024))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            try parse(piece, isLast: false)
            guard let context, almagest_xml_waiting(context) <= Self.waitingLimit else {
                throw error("a tag, a comment or a name is larger than \(Self.waitingLimit) bytes")
            }
        }
    }

    /// Says that nothing more comes.
    ///
    /// - Throws: ``XMLError`` when the document is not at its end.
    package func finish() throws {
        try parse(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws {
        guard let context else { throw error("there is no memory for a parser") }
        _ = xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), isLast ? 1 : 0)
        if let failure { throw failure }
        guard context.pointee.wellFormed == 1 else { throw error(reason(context)) }
    }

    /// libxml2's words for what is not well-formed.
    private func reason(_ context: xmlParserCtxtPtr) -> String {
        guard let message = context.pointee.lastError.message else { return "the document is not well-formed XML" }
        let text = String(decoding: String(cString: message).utf8.prefix(200).filter { $0 >= 0x20 }, as: UTF8.self)
        return "not well-formed XML: \(text)"
    }

    private func error(_ message: String) -> XMLError {
        XMLError(message: message, line: line)
    }

    // MARK: - Events

    private static let prepare: Void = xmlInitParser()

    private static func with(_ user: UnsafeMutableRawPointer?, _ body: (XMLReader) -> Void) {
        guard let user else { return }
        body(Unmanaged<XMLReader>.fromOpaque(user).takeUnretainedValue())
    }

    private func fail(_ error: any Error) {
        failure = failure ?? error
        if let context { xmlStopParser(context) }
    }

    private func opened(_ name: UnsafePointer<UInt8>?, _ attributes: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int) {
        guard failure == nil, let name else { return }
        depth += 1
        guard depth <= Self.depthLimit else { return fail(error("elements nest more than \(Self.depthLimit) deep")) }
        do { try handler.open(XMLName(address: name), XMLAttributes(pointers: attributes, count: count)) } catch { fail(error) }
    }

    private func closed(_ name: UnsafePointer<UInt8>?) {
        guard failure == nil, let name else { return }
        depth -= 1
        do { try handler.close(XMLName(address: name)) } catch { fail(error) }
    }

    private func came(_ bytes: UnsafePointer<UInt8>?, _ count: Int32) {
        guard failure == nil else { return }
        do { try handler.text(UnsafeRawBufferPointer(start: bytes, count: Int(count))) } catch { fail(error) }
    }
}
