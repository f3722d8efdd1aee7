import ADQLFiles
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
        package var feature: Feature
        package var advertised: Bool
        package var description: String
        package var forms: [FunctionForm]
        package var examples: [Example]
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
        let entries: [Entry]
        do {
            entries = try YAMLDecoder().decode([Entry].self, from: yaml)
        } catch {
            throw .unreadable("\(error)")
        }
        var functions: [Function] = []
        var byName: [String: Int] = [:]
        for entry in entries {
            guard byName.updateValue(functions.count, forKey: entry.name.uppercased()) == nil else { throw .twice(entry.name) }
            functions.append(try entry.function)
        }
        self.functions = functions
        self.byName = byName
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

/// One entry of the file as it is written.
private struct Entry: Decodable {
    struct Form: Decodable {
        var signature: String
        var sql: String?
        var test: String?
        var least: Int?
        var examples: [String: String]?
    }

    var name: String
    var feature: FunctionList.Feature
    var advertised: Bool?
    var aggregate: Bool?
    var description: String
    var forms: [Form]

    var function: FunctionList.Function {
        get throws(FunctionListError) {
            var read: [FunctionForm] = []
            for form in forms {
                guard (form.sql == nil) != (form.test == nil), let sql = form.sql ?? form.test else { throw .oneSQL(form.signature) }
                let signature = try FunctionSignature(form.signature)
                guard signature.name == name else { throw .otherName(signature.name, function: name) }
                read.append(
                    FunctionForm(
                        function: name, signature: form.signature, parameters: signature.parameters, repeats: signature.repeats,
                        least: form.least ?? signature.parameters.count, result: signature.result,
                        template: try FunctionTemplate(sql, parameters: signature.parameters, function: name),
                        isTest: form.test != nil, aggregate: aggregate ?? false))
            }
            guard !read.isEmpty else { throw .noForm(name) }
            let examples = forms.flatMap { form in
                (form.examples ?? [:]).sorted { $0.key < $1.key }.map { FunctionList.Example(call: $0.key, value: $0.value) }
            }
            return FunctionList.Function(
                name: name, feature: feature, advertised: advertised ?? true, description: description, forms: read,
                examples: examples)
        }
    }
}
