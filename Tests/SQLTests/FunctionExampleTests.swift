import Names
import Testing

extension SQLTests {
    @Suite struct FunctionExamples {
        @Test("every example in the list of functions has the value that stands beside it")
        func examples() throws {
            let list = try FunctionList.builtIn()
            var count = 0
            for example in list.functions.flatMap(\.examples) {
                let value = try Translate.value("SELECT TOP 1 \(example.call) AS v FROM gaia.transit WHERE transit_id = 5001")
                count += 1
                if let expected = Double(example.value) {
                    let found = try #require(Double(value), "\(example.call) is \(value)")
                    #expect(abs(found - expected) <= 1e-12 * max(1, abs(expected)), "\(example.call)")
                } else {
                    #expect(value == example.value, "\(example.call)")
                }
            }
            #expect(count > 80)
        }

        @Test("every function has an example, but for those that need a column")
        func coverage() throws {
            let list = try FunctionList.builtIn()
            let without = list.functions.filter(\.examples.isEmpty).map(\.name)
            #expect(without == ["IN_UNIT"])
        }
    }
}
