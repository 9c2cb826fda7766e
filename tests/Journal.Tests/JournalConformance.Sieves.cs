namespace Agora.Journal.Tests;

/// <summary>Conditions that no index serves: what is read is bounded, whatever matches.</summary>
public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task A_sieve_is_asked_of_as_many_rows_as_are_looked_at_and_the_page_says_how_far_that_was()
    {
        await Put([.. Enumerable.Range(1, 20).Select(n => ($"r{n:D2}", "x", (long?)n)), ("y", "y", 100)]);

        var few = await Journal.Query(Sieved(AtMost(12), lookAt: 10), None);
        Assert.Equal(("r12 r11", 11L, "r11"), (Ids(few), few.LookedTo![0], few.LookedTo[1]));
        var rest = await Journal.Query(Sieved(AtMost(12), lookAt: 10) with { After = few.LookedTo }, None);
        Assert.Equal(("r10 r09 r08 r07 r06 r05 r04 r03 r02 r01", (object?)null), (Ids(rest), rest.LookedTo));
        var none = await Journal.Query(Sieved(AtMost(1), lookAt: 19), None);
        Assert.Equal(("", 2L, "r02"), (Ids(none), none.LookedTo![0], none.LookedTo[1]));
        Assert.Null((await Journal.Query(Sieved(AtMost(0), lookAt: 20), None)).LookedTo); // nothing follows the last that was looked at
        var full = await Journal.Query(Sieved(AtMost(12), lookAt: 10, limit: 2), None);
        Assert.Equal(("r12 r11", (object?)null), (Ids(full), full.LookedTo));
        Assert.Equal("r12 r11 r10 r09 r08 r07 r06 r05 r04 r03 r02 r01", Ids(await Journal.Query(Sieved(AtMost(12)), None)));
    }

    [ConformanceFact]
    public async Task Whoever_goes_on_from_where_was_looked_meets_each_that_was_there_once_whatever_is_written_meanwhile()
    {
        await Put([.. Enumerable.Range(1, 40).Select(n => ($"r{n:D2}", "x", (long?)(n / 4)))]);
        var (met, after, newer) = (new List<object?>(), (IReadOnlyList<object>?)null, 0);
        for (var pages = 1; ; pages++)
        {
            var page = await Journal.Query(Sieved(new("id", Comparison.AtMost, "r21"), lookAt: 6, limit: 4) with { After = after }, None);
            met.AddRange(page.Rows.Select(row => row.Values[1]));
            after = page.Rows.Count == 4 ? [page.Rows[^1].Values[3]!, page.Rows[^1].Values[1]!] : page.LookedTo;
            if (after is null) break;

            Assert.True(pages < 20);
            await Put(($"a{newer}", "x", 100 + newer++));
        }

        Assert.Equal(Enumerable.Range(1, 21).Reverse().Select(n => $"r{n:D2}"), met);
    }

    [ConformanceTheory]
    [MemberData(nameof(Narrowed))]
    public async Task A_sieve_is_asked_in_each_order_of_the_audit(string column, object value, string expected)
    {
        for (var n = 1; n <= 8; n++)
        {
            await Journal.Write([Call("default", n), Call("other", n)], None);
        }

        var (met, after) = (new List<object?>(), (IReadOnlyList<object>?)null);
        do
        {
            var page = await Journal.Query(
                new TableQuery(Audit, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("created_at", true), new("audit_id", true)], 0, 9)
                {
                    Sieve = [new("audit_id", Comparison.NotEqual, "a6"), new("endpoint", Comparison.NotEqual, null)], LookAt = 2, After = after,
                },
                None);
            met.AddRange(page.Rows.Select(row => row.Values[1]));
            after = page.LookedTo;
        }
        while (after is not null);

        Assert.Equal(expected.Split(' ').Where(id => id != "a6"), met);
    }

    [ConformanceFact]
    public async Task What_a_sieve_lets_through_is_counted_as_far_as_was_looked_and_the_page_says_whether_that_is_all()
    {
        await Put([.. Enumerable.Range(1, 20).Select(n => ($"r{n:D2}", "x", (long?)n))]);
        async Task<(long, bool)> Count(Condition sieve, int lookAt, long upTo)
        {
            var page = await Journal.Query(Sieved(sieve, lookAt, limit: 1) with { CountUpTo = upTo, After = [5L, "r05"] }, None); // a position does not change it
            return (page.TotalCount, page.IsCounted);
        }

        Assert.Equal((12, true), await Count(AtMost(12), 20, long.MaxValue));
        Assert.Equal((2, false), await Count(AtMost(12), 10, long.MaxValue));
        Assert.Equal((2, false), await Count(AtMost(12), 10, 3));
        Assert.Equal((2, true), await Count(AtMost(12), 10, 2));
        Assert.Equal((0, true), await Count(AtMost(12), 10, 0));
        Assert.Equal((0, false), await Count(AtMost(0), 19, 5));
        Assert.Equal((0, true), await Count(AtMost(0), 20, 5));
        Assert.Equal(12, (await Journal.Query(Sieved(AtMost(12), limit: 2), None)).TotalCount); // a page that is full is not all
    }

    [ConformanceFact]
    public async Task A_sieve_with_an_offset_or_without_one_place_for_each_row_is_refused()
    {
        var query = Sieved(AtMost(1));
        foreach (var wrong in new[] { query with { Offset = 1 }, query with { LookAt = 0 }, query with { OrderBy = [new("amount", true)] }, query with { Sieve = [new("none", Comparison.Equal, 1L)] } })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Journal.Query(wrong, None));
        }
    }

    private static Condition AtMost(long amount) => new("amount", Comparison.AtMost, amount);

    private static TableQuery Sieved(Condition sieve, int lookAt = int.MaxValue, int limit = 100) => Newest(limit, null) with { Sieve = [sieve], LookAt = lookAt };

    private static string Ids(TablePage page) => string.Join(' ', page.Rows.Select(row => row.Values[1]));
}
