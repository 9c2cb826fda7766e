using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Columns that a store may leave out where they say what follows from another: nobody who reads rows can tell.</summary>
public abstract partial class JournalConformance
{
    private static readonly TableShape WithDerived = Payments with
    {
        Derived = [new(Place("operation"), Place("service_id"), static service => $"run {service}"), new(Place("endpoint"), Place("campaign_id"), static campaign => campaign)],
    };

    [ConformanceFact]
    public async Task What_follows_from_another_column_is_read_as_it_was_written_and_what_does_not_too()
    {
        await Journal.Write([new("s/1", 1, Says("p1", campaign: "c1", operation: "run s1", endpoint: "c1")), new("s/2", 1, Says("p2", campaign: null, operation: "another", endpoint: "none"))], None);
        Assert.Equal(["run s1 c1", "another none"], await Said());

        // A row that changes, from what follows to what does not and back.
        await Journal.Write([new("s/1", 2, Says("p1", campaign: "c1", operation: "another", endpoint: "c2")), new("s/2", 2, Says("p2", campaign: "c2", operation: "run s1", endpoint: "c2"))], None);
        Assert.Equal(["another c2", "run s1 c2"], await Said());

        async Task<IEnumerable<string>> Said() => (await Journal.Query(new(WithDerived, [new("tenant", Comparison.Equal, "default")], [new("run_id")], 0, 9), None)).Rows
            .Select(row => $"{row.Values[Place("operation")]} {row.Values[Place("endpoint")]}");
    }

    [ConformanceFact]
    public async Task No_query_is_by_a_column_that_may_be_left_out()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(new(WithDerived, [new("operation", Comparison.Equal, "run s1")], [], 0, 1), None));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Journal.Query(new(WithDerived, [], [new("endpoint")], 0, 1), None));
    }

    [ConformanceFact]
    public async Task A_row_that_is_written_once_and_is_there_all_the_same_stays_or_goes_by_its_seq_and_the_append_is_written()
    {
        var once = Payments with { IsWrittenOnce = true };
        await Journal.Write([new("s/1", 1, Of(50)), new("s/2", 9, Of(60, "p2"))], None);

        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await Journal.Append([first, Append("s/2", StreamHead.Empty, Entry("b")) with { Upserts = [Of(70, "p2")] }], false, None));
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Append("s/1", HeadAfter(first), Entry("c")) with { Upserts = [Of(80)] }], false, None));

        var rows = (await Journal.Query(new(once, [new("tenant", Comparison.Equal, "default")], [new("run_id")], 0, 9), None)).Rows;
        Assert.Equal([("s/1", 2L, 80L), ("s/2", 9L, 60L)], rows.Select(row => (row.Stream, row.Seq, (long)row.Values[Place("amount_micros")]!)));
        Assert.Equal(new(2, 140, 0), await Sums(null, null));

        TableUpsert Of(long amount, string id = "p1") => Payment("default", id, 1, amount, "a1", "s1", null) with { Table = once };
    }

    private static TableUpsert Says(string id, string? campaign, string operation, string endpoint)
    {
        object?[] values = [.. Payment("default", id, 1, 1, "a1", "s1", campaign).Values];
        (values[Place("operation")], values[Place("endpoint")]) = (operation, endpoint);
        return new(WithDerived, values);
    }

    private static int Place(string column) => Payments.Columns.ToList().IndexOf(column);
}
