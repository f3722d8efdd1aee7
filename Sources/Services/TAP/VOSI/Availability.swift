package import Foundation
package import NIOCore
import XML

/// Whether the service can do its work now (VOSI 1.1 §5).
package struct Availability: Sendable {
    package var available: Bool
    package var upSince: Date
    /// What a person should know, a line each.
    package var notes: [String]

    package init(available: Bool, upSince: Date, notes: [String]) {
        self.available = available
        self.upSince = upSince
        self.notes = notes
    }

    /// The VOSI document. It is served with HTTP 200 whatever it says.
    package var document: ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        writer.element("vosi:availability", ["xmlns:vosi": "http://www.ivoa.net/xml/VOSIAvailability/v1.0"]) { writer in
            writer.element("vosi:available", text: available ? "true" : "false")
            writer.element("vosi:upSince", text: upSince.formatted(.iso8601))
            for note in notes { writer.element("vosi:note", text: note) }
        }
        return writer.buffer
    }
}
