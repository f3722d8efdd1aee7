package import NIOCore

/// The frame that all pages of the archive share: head, style, title.
///
/// A page works without script, follows the reader's choice of dark or light, and fits small screens. Classes that the style knows:
/// `button` (a link that does something), `primary` and `quiet` beside it, `card` (a block with a border), `fault`, `note`, `facts` (a dl in
/// two columns), `scroll` around wide tables, `number` for cells.
package struct HTMLPage: Sendable {
    package var title: String
    /// Where the archive's name in the top line leads.
    package var home: String

    package init(title: String, home: String) {
        self.title = title
        self.home = home
    }

    /// A whole document around what `body` writes into its main element.
    package func write<Failure: Error>(body: (inout XMLWriter) throws(Failure) -> Void) throws(Failure) -> ByteBuffer {
        var writer = XMLWriter(dialect: .html)
        writer.prolog()
        writer.open("html", ["lang": "en"])
        writer.element("head") { writer in
            writer.element("meta", ["charset": "utf-8"])
            writer.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            writer.element("meta", ["name": "color-scheme", "content": "light dark"])
            writer.element("title", text: title == "Almagest" ? title : "\(title) · Almagest")
            // Style is not escaped in HTML; ours holds neither < nor &.
            writer.element("style") { $0.buffer.writeString(Self.style) }
        }
        writer.open("body")
        writer.element("a", ["class": "skip", "href": "#main"], text: "Skip to the content")
        writer.element("header") { writer in
            writer.inline("a", ["href": home], text: "Almagest")
        }
        writer.open("main", ["id": "main"])
        writer.element("h1", text: title)
        try body(&writer)
        writer.closeAll()
        return writer.buffer
    }

    /// The style of all pages; it holds neither < nor &.
    package static let style = """
        :root { --ground: #fbfaf7; --ink: #1b1f27; --faint: #5b6472; --line: #d9d6cd; --card: #fff; --accent: #1d4f91; --on-accent: #fff; --bad: #a3261b; }
        @media (prefers-color-scheme: dark) {
        :root { --ground: #10141b; --ink: #e8e6e0; --faint: #9aa4b2; --line: #2c3441; --card: #171d27; --accent: #8ab8f5; --on-accent: #0d1a2b; --bad: #ff9d92; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
        header, main { max-width: 66rem; margin: 0 auto; padding: 1rem 1.25rem; }
        header { border-bottom: 1px solid var(--line); }
        header a { color: inherit; font-weight: 600; letter-spacing: .04em; text-decoration: none; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .75rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
        a { color: var(--accent); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: .5rem; padding: .25rem .75rem; background: var(--card); }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 0 0 1.25rem; }
        .scroll { overflow-x: auto; }
        .note, dt { color: var(--faint); }
        .fault { color: var(--bad); }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1rem; }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); vertical-align: middle; }
        thead th { border-top: 0; color: var(--faint); font-weight: 500; }
        .number { white-space: nowrap; font-variant-numeric: tabular-nums; }
        code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
        .button, button { display: inline-block; padding: .4rem .9rem; border: 1px solid var(--accent); border-radius: .4rem; background: none;
        color: var(--accent); font: inherit; text-decoration: none; white-space: nowrap; cursor: pointer; }
        .button:hover, button:hover { text-decoration: underline; }
        .primary { background: var(--accent); color: var(--on-accent); }
        form { display: inline; }
        textarea { display: block; width: 100%; margin: .25rem 0 .75rem; padding: .6rem; }
        textarea, input, select { background: var(--ground); color: inherit; border: 1px solid var(--line); border-radius: .3rem; font: inherit; }
        textarea, pre { font-family: ui-monospace, monospace; font-size: .9rem; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        input[type=number] { width: 7rem; }
        @media (max-width: 40rem) {
        thead { position: absolute; left: -99rem; }
        tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; }
        th, td { display: block; border: 0; padding: .15rem 0; }
        .facts { grid-template-columns: 1fr; }
        }

        """
}
