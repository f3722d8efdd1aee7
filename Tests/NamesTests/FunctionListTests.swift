import ADQL
import Names
import TableModel
import Testing

@Suite struct FunctionListTests {
    @Test("one entry is enough for a function of one's own: it is checked, and announced")
    func own() throws {
        let list = try FunctionList(
            yaml: """
                - name: arch_twice
                  feature: udf
                  description: Twice the value.
                  forms:
                    - {signature: "arch_twice(x NUMERIC) -> x", sql: "(2 * {x})"}
                    - {signature: "arch_twice(text TEXT, times INTEGER) -> TEXT", sql: "repeat({text}, {times})"}
                """)
        #expect(
            list.announcements == [
                .init(feature: .udf, form: "arch_twice(x NUMERIC) -> x", description: "Twice the value."),
                .init(feature: .udf, form: "arch_twice(text TEXT, times INTEGER) -> TEXT", description: "Twice the value."),
            ])
        #expect(list.function(named: "ARCH_Twice")?.forms.count == 2)
    }

    @Test("the list that is compiled in has ADQL's functions and announces its optional ones")
    func builtIn() throws {
        let list = try FunctionList.builtIn()
        let geometry = list.announcements.filter { $0.feature == .geometry }.map(\.form)
        #expect(
            Set(geometry) == [
                "AREA", "BOX", "CENTROID", "CIRCLE", "CONTAINS", "COORD1", "COORD2", "COORDSYS", "DISTANCE", "INTERSECTS", "POINT",
                "POLYGON", "REGION",
            ])
        #expect(list.announcements.filter { $0.feature == .string }.map(\.form) == ["LOWER", "UPPER"])
        #expect(list.announcements.contains { $0.form == "ivo_hasword(haystack TEXT, needle TEXT) -> INTEGER" })
        #expect(!list.announcements.contains { $0.form.contains("SQRT") })
        for name in [
            "ABS", "CEILING", "DEGREES", "EXP", "FLOOR", "LOG", "LOG10", "MOD", "PI", "POWER", "RADIANS", "RAND", "ROUND", "SQRT",
            "TRUNCATE", "ACOS", "ASIN", "ATAN", "ATAN2", "COS", "COT", "SIN", "TAN",
        ] {
            #expect(list.function(named: name)?.feature == .core)
        }
    }

    private static let twice = """
        - name: arch_twice
          aliases: [arch_double]
          description: Twice the value.
          forms: [{signature: "arch_twice(x NUMERIC) -> x", sql: "(2 * {x})", unit: "{x}", examples: {"arch_twice(2)": "4"}}]
        """

    @Test("an operator's functions join those that are compiled in, with all their names")
    func adding() throws {
        let list = try FunctionList.builtIn().adding(yaml: Self.twice)
        let function = try #require(list.function(named: "ARCH_DOUBLE"))
        #expect(function.isOwn && function.feature == .udf)
        #expect(function.forms[0].signature == "arch_double(x NUMERIC) -> x")
        #expect(function.examples.map(\.call) == ["arch_double(2)"] && function.examples.map(\.value) == ["4"])
        #expect(list.announcements.suffix(2).map(\.form) == ["arch_twice(x NUMERIC) -> x", "arch_double(x NUMERIC) -> x"])
        #expect(list.function(named: "SQRT")?.isOwn == false)
        let columns = try Resolver(catalogue: Archive.catalogue, functions: list).resolve(
            Query.parse("SELECT arch_twice(visits) AS a, Arch_Double(ra) AS b FROM gaia.source")
        ).columns
        #expect(columns.map(\.type) == [.integer, .double])
        #expect(columns.map(\.unit) == [nil, "deg"])
    }

    @Test(
        "a function of an operator's own cannot take a name that is not its to take",
        arguments: [
            ("ivo_hasword", "is there already"), ("sqrt", "is there already"), ("Gavo_To_JD", "is there already"),
            ("ivo_mine", "begins with ivo_"),
            ("SIZE", "can't name a function"), ("2mass", "cannot be read"), ("a-b", "cannot be read"),
        ] as [(String, String)])
    func names(name: String, part: String) throws {
        let yaml = "- {name: \(name), description: d, forms: [{signature: '\(name)(x TEXT) -> TEXT', sql: 'lower({x})'}]}"
        let error = try #require(throws: FunctionListError.self) { try FunctionList.builtIn().adding(yaml: yaml) }
        #expect(error.message.contains(part), "\(error.message)")
    }

    @Test("a function that stands on an extension is there where the extension is, and nowhere else")
    func extensions() throws {
        let list = try FunctionList.builtIn()
        #expect(list.limited(toExtensions: ["pg_sphere"]).function(named: "gavo_ipix") == nil)
        #expect(list.limited(toExtensions: ["pg_sphere", "q3c"]).functions.count == list.functions.count)
    }

    @Test("braces and quotes inside a string of the SQL are its own")
    func quoted() throws {
        let sql = #"regexp_replace({x}, E'a{1,2}\\''', '"(') || "left"('b)', 1)"#
        let yaml = "- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '\(sql.replacing("'", with: "''"))'}]}"
        let list = try FunctionList(yaml: yaml)
        #expect(
            list.functions[0].forms[0].template.pieces == [
                .text("regexp_replace("), .argument(0), .text(String(sql.dropFirst("regexp_replace({x}".count))),
            ])
    }

    @Test("no announced form has an unknown way of writing types, and none is announced twice")
    func forms() throws {
        let list = try FunctionList.builtIn()
        let forms = list.announcements.filter { $0.feature == .udf }.map(\.form)
        #expect(Set(forms).count == forms.count && forms.count >= 30)
        for form in forms {
            let words = form.split { " (),".contains($0) }
            #expect(form.contains(") -> ") && words.count >= 3 && !form.contains("..."), "\(form)")
        }
    }

    @Test(
        "mistakes in a list are told with what would work",
        arguments: [
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x NUMBER) -> TEXT', sql: 'x'}]}", "unknown type NUMBER"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x TEXT)', sql: 'x'}]}", "cannot be read"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'g(x TEXT) -> TEXT', sql: 'x'}]}", "is called g"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{y}'}]}", "speaks of {y}"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x'}]}", "not closed"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x} || {x}'}]}", "twice"),
            ("- {name: f, feature: udf, description: d, forms: [{signature: 'f(x TEXT) -> TEXT'}]}", "either sql or test"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT, x TEXT) -> TEXT', sql: '{x}'}]}", "two arguments are called x"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT[]', sql: '{x}'}]}", "unknown type TEXT[]"),
            ("- {name: f, description: d, forms: [{signature: 'f(x DOUBLE) -> DOUBLE', sql: '{x}', unit: 'furlong'}]}", "is no known unit"),
            ("- {name: f, description: d, forms: [{signature: 'f(x DOUBLE) -> DOUBLE', sql: '{x}', literals: [y]}]}", "no argument y"),
            ("- {name: f, aliases: [f], description: d, forms: [{signature: 'f() -> TEXT', sql: 'x'}]}", "listed twice"),
            ("- {name: f, feature: udf, description: d, forms: []}", "has no form"),
            ("- {name: f, feature: udff, description: d, forms: []}", "entry 1, feature can be udf"),
            ("- &a {name: f, feature: udf, description: d, forms: [{signature: 'f() -> TEXT', sql: x}]}\n- *a", "listed twice"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: \"'{x}'\"}]}", "has {x} inside quotes"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: \"{x} || 'a\"}]}", "a quote"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '({x}'}]}", "parentheses"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x}) || (1'}]}", "parentheses"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x} -- all'}]}", "has a --"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x} /* all'}]}", "has a /*"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '{x}; DROP'}]}", "has a ;"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sql: '$${x}$$'}]}", "has a $"),
            ("- {name: f, description: d, forms: [{signature: 'f(x TEXT) -> TEXT', sqll: '{x}'}]}", "a form of f has \"sqll\""),
            ("- {name: f, descriptoin: d, description: d, forms: []}", "f has \"descriptoin\""),
            ("- {name: f, forms: []}", "entry 1 has no description"),
            ("- {name: f, description: d, forms: {signature: 1}}", "entry 1, forms is not of the kind"),
            ("{name: f}", "the list is not of the kind"),
        ] as [(String, String)])
    func mistakes(yaml: String, part: String) throws {
        let error = try #require(throws: FunctionListError.self) { try FunctionList(yaml: yaml) }
        #expect(error.message.contains(part), "\(error.message)")
    }
}
