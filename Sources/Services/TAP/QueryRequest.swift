package import ADQL
package import Formats
package import Uploads

/// A query as TAP's parameters ask for it (TAP 1.1 §2.3).
package struct QueryRequest: Sendable {
    /// The ADQL text.
    package var query: String
    /// As LANG names it.
    package var version: ADQLVersion
    package var format: ResultFormat
    /// As the client gave it; limits of the service come on top.
    package var maxrec: Int?
    package var runID: String?
    /// Tables that the request has brought; the query finds them in the schema TAP_UPLOAD.
    package var uploads: [UploadedTable] = []
    /// What the planner may expect the query to cost; nil where it may be anything.
    package var costLimit: Double?
    /// Whether the thread may wait a millisecond for PostgreSQL, rather than be left and found again.
    package var isThreadPatient = false

    package init(
        query: String, version: ADQLVersion = .adql21, format: ResultFormat, maxrec: Int? = nil, runID: String? = nil
    ) {
        self.query = query
        self.version = version
        self.format = format
        self.maxrec = maxrec
        self.runID = runID
    }

    /// Reads and checks the parameters of a query. What UPLOAD names is ``uploads``' matter.
    ///
    /// REQUEST=doQuery of TAP 1.0 is accepted, since pyvo still sends it. FORMAT is RESPONSEFORMAT by its older name.
    /// - Parameter accept: HTTP's Accept, which counts when no format is named.
    package init(_ parameters: Parameters, accept: String? = nil) throws(TAPError) {
        if let request = try parameters.single("REQUEST"), request.lowercased() != "doquery" { throw .unknownRequest(request) }
        guard try parameters.single("LANG") != nil else { throw .missingLanguage }
        let query = try WrittenQuery(parameters)
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
        self.init(
            query: query.text, version: query.version, format: format, maxrec: maxrec, runID: try parameters.single("RUNID"))
    }
}

/// A query's text and the version of ADQL that it is in.
package struct WrittenQuery: Sendable {
    package var text: String
    package var version: ADQLVersion

    /// QUERY and LANG alone, for who does not run it; LANG may be left out.
    package init(_ parameters: Parameters) throws(TAPError) {
        let language = try parameters.single("LANG") ?? "ADQL"
        guard ["ADQL", "ADQL-2.0", "ADQL-2.1"].contains(language.uppercased()) else { throw .unknownLanguage(language) }
        version = language.uppercased() == "ADQL-2.0" ? .adql20 : .adql21
        guard let query = try parameters.single("QUERY") else { throw .missingQuery }
        text = query
    }
}
