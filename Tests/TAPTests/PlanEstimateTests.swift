import TAP
import Testing

@Suite("The planner's estimate")
struct PlanEstimateTests {
    @Test("is read from the outermost node of EXPLAIN's JSON")
    func reading() {
        let json = """
            [{"Plan": {"Node Type": "Limit", "Startup Cost": 0.0, "Total Cost": 12.5, "Plan Rows": 7, "Plan Width": 8,
              "Plans": [{"Node Type": "Seq Scan", "Total Cost": 9999.0, "Plan Rows": 12345}]}}]
            """
        #expect(PlanEstimate(json: json) == PlanEstimate(rows: 7, cost: 12.5))
    }

    @Test("is absent where there is none", arguments: ["", "[]", "{}", "[{\"Plan\": {}}]", "no JSON"])
    func nothing(json: String) {
        #expect(PlanEstimate(json: json) == nil)
    }
}
