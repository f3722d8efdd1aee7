package import Formats

/// A query as TAP's parameters ask for it (TAP 1.1 §2.3).
package struct QueryRequest: Sendable {
    /// The ADQL text.
    package var query: String
    package var format: ResultFormat
    /// As the client gave it; limits of the service come on top.
    package var maxrec: Int?
    package var runID: String?

    package init(query: String, format: ResultFormat, maxrec: Int? = nil, runID: String? = nil) {
        self.query = query
        self.format = format
        self.maxrec = maxrec
        self.runID = runID
    }

    /// Reads and checks the parameters of a synchronous query.
    ///
    /// REQUEST=doQuery of TAP 1.0 is accepted, since pyvo still sends it. FORMAT is RESPONSEFORMAT by its older name.
    /// - Parameter accept: HTTP's Accept, which counts when no format is named.
    package init(_ parameters: Parameters, accept: String? = nil) throws(TAPError) {
        if let request = try parameters.single("REQUEST"), request.lowercased() != "doquery" { throw .unknownRequest(request) }
        guard let language = try parameters.single("LANG") else { throw .missingLanguage }
        guard ["ADQL", "ADQL-2.0", "ADQL-2.1"].contains(language.uppercased()) else { throw .unknownLanguage(language) }
        guard let query = try parameters.single("QUERY") else { throw .missingQuery }
        if !parameters.all("UPLOAD").isEmpty { throw .uploadNotOffered }
        let maxrec: Int?
        if let text = try parameters.single("MAXREC") {
            guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                throw .invalidMAXREC(text)
            }
            // More than fits is clipped like any other number beyond the limit.
            maxrec = Int(text) ?? .max
        } else {
            maxrec = nil
        }
        var asked = try parameters.single("RESPONSEFORMAT")
        if asked == nil { asked = try parameters.single("FORMAT") }
        let format: ResultFormat
        do throws(FormatError) {
            format = try asked.map { name throws(FormatError) in try ResultFormat.asked(name) } ?? ResultFormat.preferred(accept: accept)
        } catch { throw TAPError(error) }
        self.init(query: query, format: format, maxrec: maxrec, runID: try parameters.single("RUNID"))
    }
}
