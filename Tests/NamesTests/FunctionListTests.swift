import Names
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
            ("- {name: f, feature: udf, description: d, forms: []}", "has no form"),
            ("- {name: f, feature: udff, description: d, forms: []}", "YAML"),
            ("- &a {name: f, feature: udf, description: d, forms: [{signature: 'f() -> TEXT', sql: x}]}\n- *a", "listed twice"),
        ])
    func mistakes(yaml: String, part: String) throws {
        let error = try #require(throws: FunctionListError.self) { try FunctionList(yaml: yaml) }
        #expect(error.message.contains(part), "\(error.message)")
    }
}
