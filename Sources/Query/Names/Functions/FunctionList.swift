import ADQLFiles
import TableModel
import Yams

/// The functions that queries may call, and what capabilities say of them.
package struct FunctionList: Sendable {
    /// Where TAP's capabilities announce a function (TAPRegExt §2.3; ADQL 2.1 §5).
    package enum Feature: String, Hashable, Sendable, CaseIterable, Decodable {
        /// Demanded by ADQL, announced nowhere.
        case core
        case geometry = "adqlgeo"
        case string = "adql-string"
        case conditional = "adql-conditional"
        case unit = "adql-unit"
        case udf
    }

    /// A function with all its forms.
    package struct Function: Sendable {
        package var name: String
        /// The name of the entry that it comes from: its own, or that of the function for which it is another name.
        var meaning: String
        package var feature: Feature
        package var advertised: Bool
        package var description: String
        package var forms: [FunctionForm]
        package var examples: [Example]
        /// The PostgreSQL extension that it stands on, beside pgSphere.
        package var needs: String?
        /// From a list of the operator's own.
        package var isOwn: Bool
    }

    /// A call and its value, as the list gives them; `null` stands for NULL.
    package struct Example: Hashable, Sendable {
        package var call: String
        package var value: String
    }

    /// What one `<feature>` element of the capabilities says.
    package struct Announcement: Hashable, Sendable {
        package var feature: Feature
        /// A name such as `CONTAINS`; for user-defined functions a signature.
        package var form: String
        package var description: String?

        package init(feature: Feature, form: String, description: String? = nil) {
            self.feature = feature
            self.form = form
            self.description = description
        }
    }

    package let functions: [Function]
    private let byName: [String: Int]

    /// The list that is compiled in.
    package static func builtIn() throws(FunctionListError) -> FunctionList {
        try FunctionList(yaml: FunctionsFile.text)
    }

    /// Reads a list; `functions.yaml` says how it is written.
    package init(yaml: String) throws(FunctionListError) {
        self.init(functions: try Self.read(yaml, isOwn: false))
    }

    private init(functions: [Function]) {
        self.functions = functions
        byName = Dictionary(functions.indices.map { (functions[$0].name.uppercased(), $0) }) { first, _ in first }
    }

    private static func read(_ yaml: String, isOwn: Bool) throws(FunctionListError) -> [Function] {
        let entries: [FunctionEntry]
        do {
            entries = try YAMLDecoder().decode([FunctionEntry].self, from: yaml)
        } catch let error as DecodingError {
            throw .decoding(error)
        } catch {
            throw .unreadable("\(error)")
        }
        try FunctionEntry.checkKeys(yaml)
        var functions: [Function] = []
        var names: Set<String> = []
        for entry in entries {
            for function in try entry.functions(isOwn: isOwn) {
                guard names.insert(function.name.uppercased()).inserted else { throw .twice(function.name) }
                functions.append(function)
            }
        }
        return functions
    }

    /// The list with an operator's own functions behind it, written in the same way.
    ///
    /// - Throws: what is wrong with one of them; also when its name is taken or reserved.
    package func adding(yaml: String) throws(FunctionListError) -> FunctionList {
        let own = try Self.read(yaml, isOwn: true)
        for function in own {
            if self.function(named: function.name) != nil { throw .taken(function.name) }
            guard Identifier.isRegular(function.name), !ReservedWords.contains(function.name) else { throw .name(function.name) }
            if function.name.lowercased().hasPrefix("ivo_") { throw .reserved(function.name) }
            guard function.feature == .udf else { throw .notUserDefined(function.name) }
        }
        return FunctionList(functions: functions + own)
    }

    /// The functions for which all is there that they stand on.
    ///
    /// - Parameter extensions: PostgreSQL's, by name, as `q3c`.
    package func limited(toExtensions extensions: Set<String>) -> FunctionList {
        FunctionList(functions: functions.filter { $0.needs.map(extensions.contains) ?? true })
    }

    /// The function of that name, letter case ignored.
    package func function(named name: String) -> Function? {
        byName[name.uppercased()].map { functions[$0] }
    }

    /// What the capabilities announce, in the order of the list.
    package var announcements: [Announcement] {
        functions.filter { $0.advertised && $0.feature != .core }.flatMap { function in
            switch function.feature {
            case .udf:
                function.forms.map { Announcement(feature: .udf, form: $0.signature, description: function.description) }
            default: [Announcement(feature: function.feature, form: function.name)]
            }
        }
    }
}
