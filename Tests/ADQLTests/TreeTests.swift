import ADQL
import Testing

/// Trees spelled out by hand, so that reading is not only judged by what writing makes of it.
@Suite struct TreeTests {
    private func value(_ text: String) throws -> ValueExpression {
        guard case .selection(let selection) = try Query.parse("SELECT \(text) FROM t").body,
            case .expression(let value, nil) = selection.items[0]
        else { throw Unexpected() }
        return value
    }

    private func condition(_ text: String) throws -> SearchCondition {
        guard case .selection(let selection) = try Query.parse("SELECT * FROM t WHERE \(text)").body, let condition = selection.where
        else { throw Unexpected() }
        return condition
    }

    private func body(_ text: String) throws -> SetExpression { try Query.parse(text).body }

    private struct Unexpected: Error {}

    private func column(_ name: String) -> ValueExpression { .column(QualifiedName([Name(name)])) }

    private func sum(_ first: ValueExpression, _ steps: OperatorChain<SumOperator>.Step...) -> ValueExpression {
        .sum(OperatorChain(first: first, steps: steps))
    }

    private func product(_ first: ValueExpression, _ steps: OperatorChain<ProductOperator>.Step...) -> ValueExpression {
        .product(OperatorChain(first: first, steps: steps))
    }

    private func equal(_ name: String, _ number: String) -> SearchCondition {
        .comparison(Comparison(column(name), .equal, .numeric(NumericLiteral(number))))
    }

    private func select(_ table: String) -> SetExpression {
        .selection(Selection(items: [.all(.none)], from: [.table(NamedTable(name: QualifiedName([Name(table)])))]))
    }

    @Test func `a - b - c is (a - b) - c`() throws {
        let (a, b, c) = (column("a"), column("b"), column("c"))
        #expect(try value("a - b - c") == sum(a, .init(.minus, b), .init(.minus, c)))
        #expect(try value("a - (b - c)") == sum(a, .init(.minus, sum(b, .init(.minus, c)))))
        #expect(try value("a - b - c") != value("a - (b - c)"))
    }

    @Test func `a / b / c is (a / b) / c, and a / b * c is (a / b) * c`() throws {
        let (a, b, c) = (column("a"), column("b"), column("c"))
        #expect(try value("a / b / c") == product(a, .init(.dividedBy, b), .init(.dividedBy, c)))
        #expect(try value("a / b * c") == product(a, .init(.dividedBy, b), .init(.times, c)))
        #expect(try value("a / (b * c)") == product(a, .init(.dividedBy, product(b, .init(.times, c)))))
    }

    @Test func `products stand inside sums, and sums inside products only in parentheses`() throws {
        let (a, b, c) = (column("a"), column("b"), column("c"))
        #expect(try value("a + b * c") == sum(a, .init(.plus, product(b, .init(.times, c)))))
        #expect(try value("a * b + c") == sum(product(a, .init(.times, b)), .init(.plus, c)))
        #expect(try value("(a + b) * c") == product(sum(a, .init(.plus, b)), .init(.times, c)))
    }

    @Test func `a sign belongs to the operand beside it`() throws {
        let (a, b) = (column("a"), column("b"))
        #expect(try value("-a * b") == product(.signed(.minus, a, .none), .init(.times, b)))
        #expect(try value("a - -b") == sum(a, .init(.minus, .signed(.minus, b, .none))))
        #expect(try value("-(a * b)") == .signed(.minus, product(a, .init(.times, b)), .none))
    }

    @Test func `concatenation is looser than a sum`() throws {
        let (a, b, c) = (column("a"), column("b"), column("c"))
        #expect(try value("a || b + c") == .concatenation([a, sum(b, .init(.plus, c))], .none))
        #expect(try value("a || b || c") == .concatenation([a, b, c], .none))
    }

    @Test func `AND binds tighter than OR, and NOT tighter than AND`() throws {
        let (a, b, c) = (equal("a", "1"), equal("b", "2"), equal("c", "3"))
        #expect(try condition("a = 1 OR b = 2 AND c = 3") == .or([a, .and([b, c], .none)], .none))
        #expect(try condition("a = 1 AND b = 2 OR c = 3") == .or([.and([a, b], .none), c], .none))
        #expect(try condition("(a = 1 OR b = 2) AND c = 3") == .and([.or([a, b], .none), c], .none))
        #expect(try condition("NOT a = 1 AND b = 2") == .and([.not(a, .none), b], .none))
        #expect(try condition("NOT (a = 1 AND b = 2)") == .not(.and([a, b], .none), .none))
    }

    @Test func `BETWEEN takes the first AND for itself`() throws {
        let between = SearchCondition.between(BetweenPredicate(column("a"), lower: column("b"), upper: column("c")))
        #expect(try condition("a BETWEEN b AND c AND d = 4") == .and([between, equal("d", "4")], .none))
    }

    @Test func `INTERSECT binds tighter than UNION and EXCEPT, which apply from the left`() throws {
        let union = SetOperation(
            first: select("a"),
            steps: [
                .init(.union, .operation(SetOperation(first: select("b"), steps: [.init(.intersect, all: true, select("c"))]))),
                .init(.except, all: true, select("d")),
            ])
        let text = "SELECT * FROM a UNION SELECT * FROM b INTERSECT ALL SELECT * FROM c EXCEPT ALL SELECT * FROM d"
        #expect(try body(text) == .operation(union))
    }

    @Test func `ORDER BY after the last operand sorts the whole`() throws {
        let query = try Query.parse("SELECT TOP 1 a FROM t UNION (SELECT a FROM u ORDER BY b OFFSET 2) ORDER BY 1 DESC OFFSET 3")
        #expect(query.orderBy == [SortItem(key: .position(1, .none), descending: true)])
        #expect(query.offset == Offset(3))
        guard case .operation(let operation) = query.body, case .parenthesized(let inner) = operation.steps[0].operand else {
            throw Unexpected()
        }
        #expect(inner.orderBy == [SortItem(key: .expression(column("b")))])
        #expect(inner.offset == Offset(2))
    }

    @Test func `joins are one flat run, and the inner condition of two comes first`() throws {
        func tables(_ text: String) throws -> TableReference {
            guard case .selection(let selection) = try body("SELECT * FROM \(text)") else { throw Unexpected() }
            return selection.from[0]
        }
        func table(_ name: String) -> TableReference { .table(NamedTable(name: QualifiedName([Name(name)]))) }
        let (x, y) = (equal("x", "1"), equal("y", "2"))
        let flat = JoinedTable(first: table("a"), joins: [Join(.inner, table("b"), .on(x)), Join(.left, table("c"), .on(y))])
        #expect(try tables("a JOIN b ON x = 1 LEFT JOIN c ON y = 2") == .joined(flat))
        let right = JoinedTable(first: table("b"), joins: [Join(.full, table("c"), .on(x))])
        let nested = JoinedTable(first: table("a"), joins: [Join(.inner, .joined(right), .on(y))])
        #expect(try tables("a JOIN b FULL JOIN c ON x = 1 ON y = 2") == .joined(nested))
        #expect(try tables("a JOIN (b FULL JOIN c ON x = 1) ON y = 2") == .joined(nested))
    }

    @Test func `COUNT(*) has no argument and other aggregates have one`() throws {
        #expect(try value("COUNT(*)") == .aggregate(AggregateFunction(.count, argument: nil)))
        #expect(try value("sum(DISTINCT a)") == .aggregate(AggregateFunction(.sum, distinct: true, argument: column("a"))))
    }

    @Test func `literals keep their text and know their kind`() throws {
        #expect(try value("12.50") == .numeric(NumericLiteral("12.50")))
        #expect(try value("'O''Neill'") == .string(StringLiteral("O'Neill")))
        let kinds: [(String, NumericLiteral.Kind)] = [
            ("12", .integer), ("12.", .decimal), (".5", .decimal), ("1e3", .approximate), ("1.E-3", .approximate),
        ]
        for (text, kind) in kinds { #expect(NumericLiteral(text).kind == kind) }
    }

    @Test func `a delimited name differs from a free one of the same letters`() throws {
        #expect(try value("\"a\"") == .column(QualifiedName([Name("a", delimited: true)])))
        #expect(try value("\"a\"") != value("a"))
    }

    @Test func `free names match any case, delimited ones exactly`() {
        #expect(Name("RA").matches("ra") && Name("ra_2").matches("RA_2"))
        #expect(!Name("ra").matches("dec") && !Name("a_").matches("a\u{7F}") && !Name("a").matches("a "))
        #expect(Name("Ra", delimited: true).matches("Ra") && !Name("Ra", delimited: true).matches("ra"))
        #expect(Name("a").matches(Name("A")) && Name("a").matches(Name("A", delimited: true)))
        #expect(Name("A", delimited: true).matches(Name("a")))
        #expect(!Name("A", delimited: true).matches(Name("a", delimited: true)))
    }
}
