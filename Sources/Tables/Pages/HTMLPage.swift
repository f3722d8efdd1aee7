package import NIOCore
package import XML

/// The frame that all pages of the archive share: head, style, navigation, title.
///
/// A page works without script and is more comfortable with it, follows the reader's choice of dark or light, and fits small screens.
/// Classes that the style knows: `card` (a block with a border) and `main-thing` beside it, `lead`, `note`, `fault`, `badge` with `good` and `bad`,
/// `facts` (a dl in two columns), `actions` (a line of buttons), `button` (a link that does something) and `primary`, `quiet`, `danger`; `stack` for
/// tables that become blocks on small screens, with `number` and `do` for cells; `data` around tables that scroll, `bar` below them.
package struct HTMLPage: Sendable {
    /// A place that the navigation leads to.
    package enum Place: Sendable, CaseIterable {
        case query, examples, jobs
    }

    package var title: String
    /// The archive's front page, with a slash at the end; the addresses of the navigation begin so.
    package var home: String
    /// Where the page belongs.
    package var place: Place?
    /// Whether it takes the whole width of the window.
    package var isWide = false
    /// Seconds after which its content is another.
    package var refresh: Int?

    package init(title: String, home: String, place: Place? = nil, isWide: Bool = false, refresh: Int? = nil) {
        self.title = title
        self.home = home
        self.place = place
        self.isWide = isWide
        self.refresh = refresh
    }

    /// A whole document around what `body` writes into its main element.
    package func write<Failure: Error>(body: (inout XMLWriter) throws(Failure) -> Void) throws(Failure) -> ByteBuffer {
        var writer = begin()
        try body(&writer)
        writer.closeAll()
        return writer.buffer
    }

    /// Everything up to the content; for documents that are sent in parts. The elements ``openElements`` stay open.
    package func begin() -> XMLWriter {
        var writer = XMLWriter(dialect: .html)
        writer.prolog()
        writer.open("html", ["lang": "en"])
        writer.element("head", body: head)
        writer.open("body", ["class": isWide ? "wide" : nil])
        writer.element("a", ["class": "skip", "href": "#main"], text: "Skip to the content")
        Self.header(home: home, place: place, into: &writer)
        writer.open("main", ["id": "main", "data-refresh": refresh.map(String.init)])
        writer.element("h1", text: title)
        return writer
    }

    /// What ``begin()`` leaves open, outermost first.
    package static let openElements = ["html", "body", "main"]

    private func head(into writer: inout XMLWriter) {
        writer.element("meta", ["charset": "utf-8"])
        writer.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        writer.element("meta", ["name": "color-scheme", "content": "light dark"])
        writer.element("link", ["rel": "icon", "href": Self.icon])
        writer.element("title", text: title == "Almagest" ? title : "\(title) · Almagest")
        if let refresh {
            // Script looks again without a flash.
            writer.element("noscript") { $0.inline("meta", ["http-equiv": "refresh", "content": String(max(refresh, 5))]) }
        }
        // Neither style nor script is escaped in HTML.
        writer.element("style") { $0.buffer.writeString(Self.style) }
        writer.element("script", ["type": "module"]) { $0.buffer.writeString(Self.script) }
    }

    /// The line at the top of all pages; for documents that have a frame of their own.
    package static func header(home: String, place: Place?, into writer: inout XMLWriter) {
        writer.element("header", ["class": "top"]) { writer in
            writer.element("div") { writer in
                writer.element("a", ["class": "brand", "href": home], text: "Almagest")
                writer.element("nav", ["aria-label": "Archive"]) { writer in
                    for target in Place.allCases {
                        let (path, name) = address(of: target)
                        writer.element("a", ["href": home + path, "aria-current": target == place ? "page" : nil], text: name)
                    }
                }
            }
        }
    }

    private static func address(of place: Place) -> (path: String, name: String) {
        switch place {
        case .query: ("", "Query")
        case .examples: ("tap/examples", "Examples")
        case .jobs: ("tap/async", "Jobs")
        }
    }

    /// The style of all pages; it holds neither < nor &.
    package static let style = String(decoding: PackageResources.style_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.page_js, as: UTF8.self)
    private static let icon =
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        + "%3Cpath d='M8 0l2 6 6 2-6 2-2 6-2-6-6-2 6-2z' fill='%234a7fcb'/%3E%3C/svg%3E"
}
