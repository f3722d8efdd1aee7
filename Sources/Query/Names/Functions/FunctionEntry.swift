import Yams

/// One entry of a list of functions as it is written.
struct FunctionEntry: Decodable {
    struct Form: Decodable {
        var signature: String
        var sql: String?
        var test: String?
        var least: Int?
        var unit: String?
        var ucd: String?
        var literals: [String]?
        var examples: [String: String]?
    }

    var name: String
    var aliases: [String]?
    var feature: FunctionList.Feature?
    var advertised: Bool?
    var aggregate: Bool?
    var volatile: Bool?
    var needs: String?
    var description: String
    var forms: [Form]

    /// The function, then those that are the same under other names.
    func functions(isOwn: Bool) throws(FunctionListError) -> [FunctionList.Function] {
        var functions = [try function(called: name, isOwn: isOwn)]
        for alias in aliases ?? [] { functions.append(try function(called: alias, isOwn: isOwn)) }
        return functions
    }

    private func function(called alias: String, isOwn: Bool) throws(FunctionListError) -> FunctionList.Function {
        var read: [FunctionForm] = []
        for form in forms { read.append(try self.form(form, called: alias)) }
        guard !read.isEmpty else { throw .noForm(name) }
        let written = forms.flatMap { form in (form.examples ?? [:]).sorted { $0.key < $1.key } }
        let examples = written.compactMap { call, value -> FunctionList.Example? in
            guard alias != name else { return FunctionList.Example(call: call, value: value) }
            let renamed = call.replacing("\(name)(", with: "\(alias)(")
            return renamed == call ? nil : FunctionList.Example(call: renamed, value: value)
        }
        return FunctionList.Function(
            name: alias, meaning: name, feature: feature ?? .udf, advertised: advertised ?? true,
            description: alias == name ? description : "The same as \(name). \(description)", forms: read, examples: examples, needs: needs,
            isOwn: isOwn)
    }

    private func form(_ form: Form, called alias: String) throws(FunctionListError) -> FunctionForm {
        guard (form.sql == nil) != (form.test == nil), let sql = form.sql ?? form.test else { throw .oneSQL(form.signature) }
        let signature = try FunctionSignature(form.signature)
        guard signature.name == name else { throw .otherName(signature.name, function: name) }
        let parameters = signature.parameters
        let template = try FunctionTemplate(sql, parameters: parameters, function: name)
        var literals: Set<Int> = []
        for literal in form.literals ?? [] {
            guard let index = parameters.firstIndex(where: { $0.name == literal }) else { throw .literal(literal, of: form.signature) }
            literals.insert(index)
        }
        var unit: UnitRule?
        if let text = form.unit { unit = try UnitRule(text, parameters: parameters, signature: form.signature) }
        return FunctionForm(
            function: alias, signature: alias + form.signature.dropFirst(name.count), parameters: parameters, repeats: signature.repeats,
            least: form.least ?? parameters.count, result: signature.result, template: template, isTest: form.test != nil,
            aggregate: aggregate ?? false, isVolatile: volatile ?? template.isVolatile, literals: literals, unit: unit,
            ucd: form.ucd.map { UCDRule($0, parameters: parameters) })
    }
}

extension FunctionEntry {
    private static let keys = ["name", "aliases", "feature", "advertised", "aggregate", "volatile", "needs", "description", "forms"]
    private static let formKeys = ["signature", "sql", "test", "least", "unit", "ucd", "literals", "examples"]

    /// A word that is misspelt would else be left out in silence.
    static func checkKeys(_ yaml: String) throws(FunctionListError) {
        guard let list = try? compose(yaml: yaml)?.sequence else { return }
        for entry in list {
            guard let mapping = entry.mapping else { continue }
            let name = mapping["name"]?.string ?? "an entry"
            try check(mapping, against: keys, of: name)
            for form in mapping["forms"]?.sequence ?? [] {
                guard let mapping = form.mapping else { continue }
                try check(mapping, against: formKeys, of: "a form of \(name)")
            }
        }
    }

    private static func check(_ mapping: Node.Mapping, against keys: [String], of entry: String) throws(FunctionListError) {
        for case let key? in mapping.keys.map(\.string) where !keys.contains(key) { throw .unknownKey(key, of: entry, known: keys) }
    }
}
