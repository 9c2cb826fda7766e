using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Query tables.</summary>
public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Case_9_a_table_row_is_replaced_only_by_a_higher_seq_of_its_stream()
    {
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "pending", 1)] });
        await Written(Append("s/1", head, Entry("b")) with { Upserts = [Run("r1", "succeeded", 2)] });
        await Journal.Write([new OwnedUpsert("s/1", 1, Run("r1", "pending", 1))], None);
        await Journal.Write([new OwnedUpsert("s/1", 2, Run("r1", "forged", 1))], None);
        var row = Assert.Single((await All()).Rows);
        Assert.Equal(("s/1", 2), (row.Stream, row.Seq));
        Assert.Equal(["default", "r1", "succeeded", 2L], row.Values);
    }

    [ConformanceFact]
    public async Task Case_17_a_row_is_found_by_its_key_with_the_row_that_it_follows_from_and_the_one_that_it_names()
    {
        var linked = new LinkedTables(Runs, Refunded, ["tenant", "state"]);
        var refunded = new TableUpsert(Refunded, ["default", "p1", 7L, 1L]);
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "p2", 1)] });
        var second = Append("s/1", head, Entry("b")) with { Upserts = [Run("r1", "p1", 2), new TableUpsert(Runs, ["default", "r2", null, 3L])] };
        await Written(second);
        await Written(Append("s/2", StreamHead.Empty, Entry("c")) with { Upserts = [refunded] });

        var found = (await Journal.Find(linked, ["default", "r1"], None))!;
        Assert.Equal(("s/1", 2), (found.Row.Stream, found.Row.Seq));
        Assert.Equal(2L, found.Row.Values[3]);
        Assert.Equal(("s/1", 2), (found.Source!.Stream, found.Source.Seq));
        Assert.Equal(second.Row!.Hash.ToArray(), found.Source.Hash.ToArray());
        Assert.Equal(second.Row.Body.ToArray(), found.Source.Body.ToArray());
        Assert.Equal(("s/2", 1, 7L), (found.Linked!.Stream, found.Linked.Seq, found.Linked.Values[2]));

        var alone = (await Journal.Find(linked, ["default", "r2"], None))!;
        Assert.Equal((null, null), (alone.Row.Values[2], alone.Linked));
        Assert.Equal(2, alone.Source!.Seq);
        Assert.Null(await Journal.Find(linked, ["default", "r3"], None));
        Assert.Null(await Journal.Find(linked, ["other", "r1"], None));

        await Journal.Write([new("s/9", 5, Run("r4", "p2", 1))], None);
        var cut = (await Journal.Find(linked, ["default", "r4"], None))!;
        Assert.Equal(("s/9", null, null), (cut.Row.Stream, cut.Source, cut.Linked));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Journal.Find(linked, ["default"], None));
    }

    [ConformanceFact]
    public async Task Case_17_of_many_rows_that_are_looked_for_at_once_everybody_finds_the_own_one()
    {
        var linked = new LinkedTables(Runs, Refunded, ["tenant", "state"]);
        await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [.. Enumerable.Range(0, 100).Select(n => Run($"r{n}", "p1", n))] });

        var found = await Task.WhenAll(Enumerable.Range(0, 300).Select(n => Journal.Find(linked, ["default", $"r{n % 150}"], None)));
        Assert.Equal(
            Enumerable.Range(0, 300).Select(n => n % 150).Select(n => n < 100 ? ($"r{n}", (object)(long)n) : default),
            found.Select(row => row is { Row.Values: [_, string id, _, { } amount] } ? (id, amount) : default));
    }

    [ConformanceFact]
    public async Task A_rebuild_gives_the_same_tables()
    {
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "pending", 1), Run("r2", "pending", 1)] });
        await Written(Append("s/1", head, Entry("b")) with { Upserts = [Run("r1", "succeeded", 2)] });
        var before = await All();
        await Journal.Clear([Runs], None);
        Assert.Equal(0, (await All()).TotalCount);

        // As two entries of the second row would: the last one counts.
        await Journal.Write(
            [new("s/1", 1, Run("r1", "pending", 1)), new("s/1", 1, Run("r2", "pending", 1)), new("s/1", 2, Run("r1", "running", 2)), new("s/1", 2, Run("r1", "succeeded", 2))],
            None);
        var after = await All();
        Assert.Equal(before.TotalCount, after.TotalCount);
        Assert.All(before.Rows.Zip(after.Rows), pair =>
        {
            Assert.Equal((pair.First.Stream, pair.First.Seq), (pair.Second.Stream, pair.Second.Seq));
            Assert.Equal(pair.First.Values, pair.Second.Values);
        });
    }

    public static TheoryData<Comparison, object?, string> Comparisons => new()
    {
        { Comparison.Equal, 2L, "b" },
        { Comparison.NotEqual, 2L, "a c d" },
        { Comparison.LessThan, 2L, "a" },
        { Comparison.AtMost, 2L, "a b" },
        { Comparison.GreaterThan, 2L, "c" },
        { Comparison.AtLeast, 2L, "b c" },
        { Comparison.Equal, null, "d" },
        { Comparison.NotEqual, null, "a b c" },
        { Comparison.AtMost, null, "" },
    };

    [ConformanceTheory]
    [MemberData(nameof(Comparisons))]
    public async Task A_condition_selects_and_null_is_a_value_only_to_Equal_and_NotEqual(Comparison comparison, object? value, string expected)
    {
        await Put(("a", "x", 1), ("b", "x", 2), ("c", "x", 3), ("d", "x", null));
        var page = await Journal.Query(new TableQuery(Runs, [new Condition("amount", comparison, value)], [], 0, 10), None);
        Assert.Equal(expected, string.Join(' ', page.Rows.Select(row => row.Values[1])));
    }

    [ConformanceFact]
    public async Task Conditions_all_hold_and_a_page_has_the_count_of_all_that_match()
    {
        await Put(("a", "x", 1), ("b", "y", 2), ("c", "x", 3), ("d", "x", 4));
        var page = await Journal.Query(new TableQuery(Runs, [new Condition("state", Comparison.Equal, "x"), new Condition("stream", Comparison.Equal, "s/1")], [new Order("amount", true)], 1, 1), None);
        Assert.Equal(3, page.TotalCount);
        Assert.Equal("c", Assert.Single(page.Rows).Values[1]);
        var beyond = await Journal.Query(new TableQuery(Runs, [], [], 10, 10), None);
        Assert.Equal((4, 0), (beyond.TotalCount, beyond.Rows.Count));
    }

    [ConformanceFact]
    public async Task Order_is_by_the_columns_named_then_the_key_text_by_UTF8_null_first()
    {
        await Put(("e", "\U0001F600", 1), ("a", "\uFF5E", 1), ("d", "B", null), ("c", "a", 1), ("b", "a", 1));
        async Task<string> Ids(params Order[] order) =>
            string.Join(' ', (await Journal.Query(new TableQuery(Runs, [], order, 0, 10), None)).Rows.Select(row => row.Values[1]));

        Assert.Equal("a b c d e", await Ids());
        Assert.Equal("d b c a e", await Ids(new Order("state")));
        Assert.Equal("e a b c d", await Ids(new Order("state", true)));
        Assert.Equal("d e a b c", await Ids(new Order("amount"), new Order("state", true)));
    }

    [ConformanceFact]
    public async Task Case_15_whoever_goes_on_from_the_last_row_meets_each_that_was_there_once_whatever_is_written_meanwhile()
    {
        await Put(("a", "x", 1), ("b", "x", 2), ("c", "x", 2), ("d", "x", 2), ("e", "x", 5), ("f", "y", 3));
        var (met, after) = (new List<object?>(), (IReadOnlyList<object>?)null);
        for (var newer = 10; ; newer++)
        {
            var page = await Journal.Query(Newest(2, after), None);
            met.AddRange(page.Rows.Select(row => row.Values[1]));
            if (page.Rows.Count < 2) break;

            after = [page.Rows[^1].Values[3]!, page.Rows[^1].Values[1]!];
            await Put(($"new-{newer}", "x", newer), ($"g{newer}", "x", 2));
        }

        Assert.Equal(["e", "d", "c", "b", "a"], met);
        Assert.Equal(met.Count, met.Distinct().Count());
    }

    [ConformanceFact]
    public async Task A_position_is_one_of_values_whose_row_may_be_gone_and_goes_both_ways()
    {
        await Put(("a", "x", 1), ("b", "x", 2), ("c", "x", 3));
        async Task<string> Ids(TableQuery query) => string.Join(' ', (await Journal.Query(query, None)).Rows.Select(row => row.Values[1]));

        Assert.Equal("b a", await Ids(Newest(9, [2L, "bb"])));
        Assert.Equal("a", await Ids(Newest(9, [2L, "b"])));
        Assert.Equal("", await Ids(Newest(9, [0L, ""])));
        Assert.Equal("c", await Ids(Newest(9, [2L, "b"]) with { OrderBy = [new("amount"), new("id")] }));
        Assert.Equal("a", await Ids(Newest(9, null) with { Offset = 2 }));
    }

    [ConformanceFact]
    public async Task A_position_that_names_no_one_place_is_refused()
    {
        var query = Newest(1, [1L, "a"]);
        foreach (var wrong in new[]
        {
            query with { After = [1L] }, query with { After = [1L, null!] }, query with { After = [1L, 1.5] }, query with { OrderBy = [new("amount", true), new("id")] },
            query with { OrderBy = [new("amount", true)], After = [1L] }, query with { Where = [] },
        })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(wrong, None));
        }
    }

    [ConformanceFact]
    public async Task Matches_are_counted_as_far_as_it_is_asked_for()
    {
        await Put(("a", "x", 1), ("b", "x", 2), ("c", "x", 3), ("d", "y", 3));
        async Task<long> Count(long upTo, params IReadOnlyList<object>[] after) => (await Journal.Query(Newest(1, after.FirstOrDefault()) with { CountUpTo = upTo }, None)).TotalCount;

        Assert.Equal((0L, 2L, 3L, 3L), (await Count(0), await Count(2), await Count(4), await Count(long.MaxValue)));
        Assert.Equal((2L, 3L), (await Count(2, [2L, "b"]), await Count(4, [2L, "b"])));
    }

    [ConformanceFact]
    public async Task A_condition_of_a_list_holds_for_each_of_it()
    {
        await Put(("a", "x", 1), ("b", "y", 2), ("c", "'\"]", 3), ("d", "z", 4));
        async Task<string> Ids(params string[] states) =>
            string.Join(' ', (await Journal.Query(new TableQuery(Runs, [new("state", Comparison.AnyOf, states), new("amount", Comparison.AtLeast, 2L)], [], 0, 9), None)).Rows.Select(row => row.Values[1]));

        Assert.Equal("b c", await Ids("x", "y", "'\"]"));
        Assert.Equal("", await Ids("X"));
        Assert.Equal("", await Ids("\0"));
        Assert.Empty((await Journal.Query(new TableQuery(Runs, [new("state", Comparison.Equal, "\0")], [], 0, 9), None)).Rows);
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ids());
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(new TableQuery(Runs, [new("state", Comparison.AnyOf, "x")], [], 0, 1), None));
    }

    [ConformanceFact]
    public async Task A_column_that_the_shape_does_not_have_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(new TableQuery(Runs, [new Condition("1=1;--", Comparison.Equal, "x")], [], 0, 1), None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(new TableQuery(Runs, [], [new Order("rowid")], 0, 1), None));
    }

    [ConformanceFact]
    public async Task Totals_are_the_sums_over_a_tenant_s_rows_whatever_wrote_them()
    {
        Assert.Equal([0L, 0L], await Sums("default"));
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Fund("default", "a", 10, 3), Fund("other", "a", 1_000, 0)] });
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await Journal.Append(
            [Append("s/1", head, Entry("b")) with { Upserts = [Fund("default", "a", 4, 5)] }, Append("s/2", StreamHead.Empty, Entry("a")) with { Upserts = [Fund("default", "b", 7, 0)] }], false, None));
        Assert.Equal([11L, 5L], await Sums("default"));

        // An older row changes nothing, and neither does the same batch sent again.
        await Journal.Write([new("s/1", 1, Fund("default", "a", 10, 3))], None);
        Assert.Equal([11L, 5L], await Sums("default"));
        await Journal.Clear([Funds], None);
        Assert.Equal([0L, 0L], await Sums("default"));
        await Journal.Write([new("s/1", 2, Fund("default", "a", 4, 5)), new("s/2", 1, Fund("default", "b", -7, 0))], None);
        Assert.Equal([-3L, 5L], await Sums("default"));
        Assert.Equal([0L, 0L], await Sums("other"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Totals(Funds, "default", ["balance_micros) --"], None));
    }

    private static TableQuery Newest(int limit, IReadOnlyList<object>? after) => new(
        Runs, [new("tenant", Comparison.Equal, "default"), new("state", Comparison.Equal, "x")], [new("amount", true), new("id", true)], 0, limit) { After = after };

    private Task<IReadOnlyList<long>> Sums(string tenant) => Journal.Totals(Funds, tenant, ["balance_micros", "sent_micros"], None);

    private Task Put(params (string Id, string State, long? Amount)[] rows) =>
        Journal.Write([.. rows.Select(row => new OwnedUpsert("s/1", 1, new TableUpsert(Runs, ["default", row.Id, row.State, row.Amount])))], None);

    private Task<TablePage> All() => Journal.Query(new TableQuery(Runs, [], [], 0, 100), None);
}
