package import Postgres
import TableModel

/// PostgreSQL's refusals in ADQL's words; the generated SQL never shows.
///
/// Source of the codes: PostgreSQL 15, Appendix A. Several errors share one code; where PostgreSQL's own text tells them apart, it is looked
/// at, and what it says in another language falls back to words for all of them.
extension TAPError {
    /// - Parameters:
    ///   - timeLimit: what the statement was allowed; nil for one around a query.
    ///   - suspects: the query that met the error, so that the message can name its part.
    package init(_ error: PostgresError, timeLimit: Duration?, suspects: Suspects? = nil) {
        self = Self.value(error, suspects) ?? Self.resource(error, timeLimit: timeLimit, suspects) ?? .unforeseen(error.internals)
    }

    // MARK: - Values

    private static func value(_ error: PostgresError, _ suspects: Suspects?) -> Self? {
        func usage(_ code: String, _ message: String) -> Self {
            Self(kind: .usage, code: code, message: message, internals: error.internals)
        }
        func place(_ kinds: Suspects.Kind...) -> String {
            guard let suspects else { return "" }
            return kinds.lazy.map { suspects.phrase($0) }.first { !$0.isEmpty } ?? ""
        }
        switch error.sqlstate {
        case "22012":
            let divisors = suspects?.parts(.division).compactMap(\.operand) ?? []
            let example = divisors.count == 1 ? ", as in WHERE \(divisors[0]) <> 0" : ""
            return usage(
                "division-by-zero", "division by zero in at least one row\(place(.division)); leave those rows out\(example)")
        case "22003": return outOfRange(error, suspects, usage)
        case "2201E":
            return usage(
                "logarithm",
                "the logarithm of zero or of a negative number in at least one row\(place(.logarithm)); leave those rows out in WHERE")
        case "2201F":
            let roots = suspects?.parts(.root) ?? []
            let isRoot = error.says("square root") || !roots.isEmpty && suspects?.parts(.power).isEmpty ?? true
            return isRoot
                ? usage(
                    "square-root", "the square root of a negative number in at least one row\(place(.root)); leave those rows out in WHERE")
                : usage(
                    "power",
                    "zero to a negative power, or a negative number to a broken one, in at least one row\(place(.power)); leave those rows out in WHERE"
                )
        case "22P02", "22018", "22P03":
            return usage(
                "invalid-cast",
                "a text can't be read as what it is cast to, in at least one row\(place(.cast { $0 != .timestamp && !$0.isText }, .shape, .function)); leave those rows out in WHERE, or cast another column"
            )
        case "22007", "22008", "22009":
            return usage(
                "invalid-timestamp",
                "a text can't be read as a timestamp, in at least one row\(place(.cast { $0 == .timestamp }, .function)); the form is 2016-01-01T00:00:00"
            )
        case "22001":
            return usage(
                "text-too-long",
                "a text is longer than the type that it is cast to\(place(.cast { $0.isText })); give the type more characters")
        case "2201B":
            return usage(
                "regular-expression",
                "a pattern is not a regular expression\(place(.regularExpression)); look for a parenthesis or bracket without its partner, or for a * with nothing before it"
            )
        case let state where state.hasPrefix("AL"):
            // Raised by the archive's own functions in SQL, in words for the user.
            return usage("invalid-value", "\(error.message)\(place(.function))")
        case "21000":
            return usage(
                "subquery-rows", "a subquery that stands for one value gave more than one row\(place(.subquery)); add TOP 1 or an aggregate"
            )
        case "22004":
            return usage(
                "null-value",
                raised(error, else: "a function got a NULL that it can't take") + place(.function) + "; leave those rows out in WHERE")
        case "22000", "22023", "XX000":
            return usage(
                "invalid-value",
                raised(error, else: "a function was given a value that it can't take")
                    + "\(place(.shape, .function)), in at least one row; for shapes: latitudes lie within -90 to 90, radii within 0 to 90, and the sides of a polygon must not cross"
            )
        case "0A000":
            return usage("not-supported", "the database can't do what the query combines; write it in two steps, with a subquery or WITH")
        case let state where state.hasPrefix("22"):
            return usage("invalid-value", "a value does not fit what is done with it, in at least one row\(place(.function))")
        default: return nil
        }
    }

    /// What a function of the list says itself, in words made for users; PostgreSQL's own words stay in the log.
    private static func raised(_ error: PostgresError, else words: String) -> String {
        error.isRaisedByFunction ? error.message : words
    }

    /// 22003 is whatever does not fit its type, and the argument of a function that is defined for few numbers.
    private static func outOfRange(_ error: PostgresError, _ suspects: Suspects?, _ usage: (String, String) -> Self) -> Self {
        func place(_ kinds: Suspects.Kind...) -> String {
            guard let suspects else { return "" }
            return kinds.lazy.map { suspects.phrase($0) }.first { !$0.isEmpty } ?? ""
        }
        if error.says("input is out of range") {
            return usage(
                "argument-range",
                "a function got a number that it is not defined for, in at least one row\(place(.angle, .function)); ACOS and ASIN take -1 to 1, and functions of angles no infinity"
            )
        }
        if error.says("Healpix level") {
            return usage("argument-range", "a HEALPix order lies outside 0 to 29, in at least one row\(place(.function))")
        }
        let whole: [(word: String, type: String, range: String)] = [
            ("smallint", "SMALLINT", "-32768 to 32767"), ("integer", "INTEGER", "-2147483648 to 2147483647"),
            ("bigint", "BIGINT", "about -9.2e18 to 9.2e18"),
        ]
        if let type = whole.first(where: { error.says("\($0.word) out of range") || error.says("for type \($0.word)") }) {
            return usage(
                "out-of-range",
                "a whole number lies outside \(type.type), which holds \(type.range), in at least one row\(place(.wholeNumbers)); CAST an operand to \(type.type == "BIGINT" ? "DOUBLE PRECISION" : "BIGINT"), or leave those rows out"
            )
        }
        return usage(
            "out-of-range",
            "a number became too large or too small for its type in at least one row\(place(.anyNumbers, .function)); leave those rows out, or work with smaller powers of ten"
        )
    }

    // MARK: - Time, room and connections

    private static func resource(_ error: PostgresError, timeLimit: Duration?, _ suspects: Suspects?) -> Self? {
        func trouble(_ kind: Kind, _ code: String, _ message: String) -> Self {
            Self(kind: kind, code: code, message: message, internals: error.internals)
        }
        switch error.sqlstate {
        case "57014" where error.isOfTransfer:
            return trouble(
                .tooSlow, "transfer-limit",
                "the result was broken off, since it took longer to read than this service allows; select fewer rows or columns, or run the query as a job, whose result waits to be fetched"
            )
        case "57014":
            let words =
                timeLimit.map {
                    "the query was stopped after \($0.components.seconds) seconds, the limit of this service; narrow it down, by a cone, a range or TOP"
                } ?? "the query was stopped"
            return trouble(.tooSlow, "time-limit", words)
        case "53300":
            return trouble(
                .busy, "busy",
                "as many large results are being read as this service reads at the same time; try again in a few seconds, ask for few rows, or run the query as a job"
            )
        case "54011":
            return trouble(.usage, "too-many-columns", "the query has more columns than the database can handle; select fewer of them")
        case "54000", "54001", "54023":
            return trouble(.usage, "too-complex", "the query is too complex for the database; split it, or nest it less deeply")
        case "53400", "53100":
            return trouble(
                .usage, "temporary-space",
                "the query needs more temporary space than this service has for one query; sort, group or join fewer rows, or select fewer columns"
            )
        case "53200":
            return trouble(.busy, "resources", "the database ran out of memory for this query; narrow it down or try later")
        case _ where error.isConnectionFailure:
            return trouble(.busy, "database-away", "the connection to the database was lost; try again in a minute")
        default: return nil
        }
    }
}

extension PostgresError {
    /// For the log.
    fileprivate var internals: String { "\(sqlstate) \(message)" }

    /// Whether PostgreSQL's text, where it is the English one, has these words.
    fileprivate func says(_ words: String) -> Bool {
        message.utf8.count < 1000 && message.contains(words)
    }
}
