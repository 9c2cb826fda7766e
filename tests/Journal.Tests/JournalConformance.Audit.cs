namespace Agora.Journal.Tests;

/// <summary>The audit's rows, by each order that lists ask for.</summary>
public abstract partial class JournalConformance
{
    private static readonly TableShape Audit = new("audit", 2, [
        "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at", "agent_id", "user_id"]);

    public static TheoryData<string, object, string> Narrowed => new()
    {
        { "tenant", "default", "a8 a7 a6 a5 a4 a3 a2 a1" },
        { "user_id", "u1", "a8 a7 a5 a3 a1" },
        { "agent_id", "g1", "a8 a6 a5 a4 a3 a2" },
        { "operation", "find_services", "a8 a6 a4 a2" },
        { "response_status", 403L, "a6 a3" },
        { "session_id", "s1", "a8 a7 a6 a5 a2 a1" },
    };

    [ConformanceTheory]
    [MemberData(nameof(Narrowed))]
    public async Task The_audit_is_read_newest_first_page_by_page_by_each_order_that_lists_have(string column, object value, string expected)
    {
        for (var n = 1; n <= 8; n++)
        {
            await Journal.Write([Call("default", n), Call("other", n)], None);
        }

        await Journal.Write([new("s/default", 9, new(Audit, ["default", "a7", "s1", "do_task", "POST", "again", 200L, 4L, null, "u1"]))], None); // A row that changes keeps its place.
        var (met, after) = (new List<string>(), (object[]?)null);
        while (true)
        {
            var page = await Journal.Query(
                new TableQuery(Audit, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("created_at", true), new("audit_id", true)], 0, 3) { After = after, CountUpTo = 4 }, None);
            Assert.Equal(Math.Min(4, expected.Split(' ').Length), page.TotalCount);
            met.AddRange(page.Rows.Select(row => (string)row.Values[1]!));
            if (page.Rows.Count < 3) break;

            after = [page.Rows[^1].Values[7]!, page.Rows[^1].Values[1]!];
        }

        Assert.Equal(expected, string.Join(' ', met));
    }

    [ConformanceFact]
    public async Task A_call_that_comes_again_later_moves_and_a_cleared_audit_is_empty()
    {
        await Journal.Write([Call("default", 1), Call("default", 2)], None);
        await Journal.Write([new("s/default", 9, new(Audit, ["default", "a1", "s1", "end_session", "POST", "", 200L, 9L, "g2", "u2"]))], None);

        Assert.Equal("a1 a2", await Ids("tenant", "default"));
        Assert.Equal("a1", await Ids("user_id", "u2"));
        Assert.Equal("", await Ids("user_id", "u1"));
        await Journal.Clear([Audit], None);
        Assert.Equal("", await Ids("tenant", "default"));

        async Task<string> Ids(string column, string value) => string.Join(' ', (await Journal.Query(
            new TableQuery(Audit, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("created_at", true), new("audit_id", true)], 0, 9), None)).Rows.Select(row => row.Values[1]));
    }

    /// <summary>Two share a time; some have no agent.</summary>
    private static OwnedUpsert Call(string tenant, int n) => new($"s/{tenant}", 1, new(Audit, [
        tenant, $"a{n}", n is 3 or 4 ? "s2" : "s1", n % 2 == 0 ? "find_services" : "do_task", "GET", "", n % 3 == 0 ? 403L : 200L, (long)((n + 1) / 2), n is 1 or 7 ? null : "g1",
        n % 2 == 0 && n != 8 ? n == 2 ? null : "u3" : "u1"]));
}
