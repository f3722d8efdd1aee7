import ADQL
package import Foundation
import Names
import TableModel

/// What an editor wants to know of a query as it is typed; ``json`` is the answer of `/tap/adql/check`.
package struct QueryVerdict: Encodable, Sendable {
    /// One thing that is wrong, and where.
    package struct Fault: Encodable, Sendable {
        package var code: String
        /// A fact, without the place.
        package var message: String
        /// What would work instead.
        package var hint: String?
        /// From 1, a column being one character, as in messages. The end is the place after the last character.
        package var line: Int?
        package var column: Int?
        package var endLine: Int?
        package var endColumn: Int?
        /// From 0, in UTF-16 code units, as JavaScript counts.
        package var offset: Int?
        package var length: Int?
    }

    /// A column of the result.
    package struct ResultColumn: Encodable, Sendable {
        package var name: String
        package var datatype: String
        package var arraysize: String?
        package var xtype: String?
        package var unit: String?
        package var ucd: String?
        package var utype: String?
        package var description: String?
        /// The published column whose values these are; absent for what is computed.
        package var table: String?
        package var column: String?
    }

    package var valid: Bool
    package var errors: [Fault] = []
    package var warnings: [String] = []
    package var columns: [ResultColumn] = []
    package var tables: [String] = []
    /// The planner's estimate of the result without MAXREC.
    package var rows: Double?
    package var cost: Double?
    /// The query as the service understood it, in canonical ADQL.
    package var adql: String?

    package init(_ inspection: QueryInspector.Inspection) {
        valid = inspection.error == nil
        adql = inspection.query?.adql
        if let resolved = inspection.resolved {
            warnings = resolved.warnings
            let origins = ColumnOrigins(of: resolved)
            columns = resolved.columns.enumerated().map { ResultColumn($0.element, from: origins.origin(ofColumn: $0.offset)) }
            tables = resolved.tables.map(\.adqlName)
        }
        rows = inspection.estimate?.rows
        cost = inspection.estimate?.cost
        switch inspection.error {
        case .syntax(let error):
            errors = error.all.map { Fault($0.code.rawValue, $0.message, $0.hint, at: $0.span, in: inspection.text) }
        case .names(let error):
            errors = error.diagnostics.map { Fault($0.code.rawValue, $0.message, $0.hint, at: $0.span, in: inspection.text) }
        case .plan(let error): errors = [Fault(code: error.code, message: error.message)]
        case nil: break
        }
    }

    /// Of a request that holds no query.
    package init(_ error: TAPError) {
        valid = false
        errors = [Fault(code: error.code, message: error.message)]
    }

    package var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, integers and finite estimates always encode.
        return (try? encoder.encode(self)) ?? Data()
    }
}

extension QueryVerdict.Fault {
    fileprivate init(_ code: String, _ message: String, _ hint: String?, at span: TextSpan, in text: String) {
        let start = span.position(in: text)
        let end = TextPosition(offset: span.end, in: text)
        let bytes = text.utf8
        let from = bytes.index(bytes.startIndex, offsetBy: min(span.start, bytes.count))
        let to = bytes.index(bytes.startIndex, offsetBy: min(span.end, bytes.count))
        self.init(
            code: code, message: message, hint: hint, line: start.line, column: start.column, endLine: end.line, endColumn: end.column,
            offset: text.utf16.distance(from: text.startIndex, to: from), length: text.utf16.distance(from: from, to: to))
    }
}

extension QueryVerdict.ResultColumn {
    fileprivate init(_ column: Column, from origin: ColumnOrigins.Origin?) {
        let type = column.type.votable
        self.init(
            name: column.name, datatype: type.datatype.rawValue, arraysize: type.arraysize, xtype: type.xtype, unit: column.unit,
            ucd: column.ucd, utype: column.utype, description: column.description, table: origin?.table, column: origin?.column)
    }
}
