using System.Diagnostics;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Sums by the day, of the product's own payments.</summary>
public abstract partial class JournalConformance
{
    private const long Day = DaysQuery.DayMicros;

    [ConformanceFact]
    public async Task Sums_are_of_whole_days_and_of_whoever_is_asked_for()
    {
        await Pay("p1", day: 1, 100, agent: "a1", service: "s1");
        await Pay("p2", day: 1, 200, agent: "a2", service: "s2", campaign: null);
        await Pay("p3", day: 3, 400, agent: "a1", service: "s2");
        await Pay(null, day: 3, 800, agent: "a1", service: "s1"); // failed: no payment
        await Journal.Write([new("s/o", 1, Payment("other", "p9", 1, 1_000, "a1", "s1", "c1"))], None);

        Assert.Equal(new(3, 700, 0), await Sums(null, null));
        Assert.Equal(new(2, 500, 0), await Sums("agent_id", "a1"));
        Assert.Equal(new(2, 500, 0), await Sums("campaign_id", "c1"));
        Assert.Equal(new(2, 600, 0), await Sums("service_id", "s2"));
        Assert.Equal(new(3, 700, 0), await Sums("provider", "w1"));
        Assert.Equal(new(3, 700, 0), await Sums("user_id", "u1"));
        Assert.Equal(new(3, 700, 0), await Sums("session_id", "session"));
        Assert.Equal(new(2, 300, 0), await Sums(null, null, 1, 3));
        Assert.Equal(new(1, 400, 0), await Sums("user_id", "u1", 2, 4));
        Assert.Equal(new(1, 400, 0), await Sums("agent_id", "a1", 3, long.MaxValue / Day));
        Assert.Equal(default(DaySums), await Sums("agent_id", "nobody"));
        Assert.Equal(default(DaySums), await Sums(null, null, 3, 3));
    }

    [ConformanceFact]
    public async Task Who_is_active_is_counted_once_a_day_and_comes_back_within_so_many_days()
    {
        await Pay("p1", day: 1, 100, agent: "a1", service: "s1");
        await Pay("p2", day: 1, 200, agent: "a1", service: "s2", campaign: null);
        await Pay("p3", day: 1, 200, agent: "a2", service: "s2");
        await Pay("p4", day: 3, 400, agent: "a1", service: "s2");
        await Pay("p5", day: 9, 400, agent: "a1", service: "s2");
        await Pay(null, day: 4, 800, agent: "a3", service: "s1"); // failed: no payment
        await Journal.Write([new("s/o", 1, Payment("other", "p9", 1, 1_000, "a1", "s1", "c1"))], None);
        await AddSums();

        Assert.Equal([new(1, 2, 0), new(3, 1, 1), new(9, 1, 0)], await Active("agent_id", 0, 10, 5));
        Assert.Equal([new(3, 1, 1)], await Active("agent_id", 2, 9, 5)); // what came before is looked at, and not told
        Assert.Equal([new(9, 1, 1)], await Active("agent_id", 9, 10, 6));
        Assert.Equal([new(1, 2, 0), new(3, 1, 1), new(9, 1, 1)], await Active("service_id", 0, 10, 7));
        Assert.Equal([new(1, 1, 0), new(3, 1, 1), new(9, 1, 0)], await Active("provider", 0, 10, 2));
        Assert.Empty(await Active("agent_id", 4, 9, 5));
        await Assert.ThrowsAsync<ArgumentException>(() => Active("session_id", 0, 10, 5));
    }

    [ConformanceFact]
    public async Task Totals_of_days_are_of_each_day_that_has_rows_of_the_tenant()
    {
        static OwnedUpsert Row(string tenant, long day, string id, long messages, long dead) => new($"{tenant}/conversation/{id}", day, new(Days, [tenant, day, id, messages, messages - dead, dead]));
        OwnedUpsert[] rows = [Row("default", 1, "c1", 10, 1), Row("default", 1, "c2", 5, 0), Row("default", 3, "c1", 7, 7), Row("other", 1, "c3", 100, 0)];
        await Journal.Write(rows, None);
        await Journal.Write(rows, None);

        async Task<IEnumerable<string>> Of(string tenant, long from, long to) => (await Journal.DayTotals(Days, tenant, ["messages", "dead"], from, to, None)).Select(static day => $"{day.Day}: {string.Join(' ', day.Sums)}");
        Assert.Equal(["1: 15 1", "3: 7 7"], await Of("default", 0, 10));
        Assert.Equal(["1: 15 1"], await Of("default", 1, 3));
        Assert.Equal(["1: 100 0"], await Of("other", 0, 10));
        Assert.Empty(await Of("nobody", 0, 10));
        await Journal.Clear([Days], None);
        Assert.Empty(await Of("default", 0, 10));
    }

    /// <summary>Each day that is looked at costs a search: ten thousand years of nothing would take seconds.</summary>
    [ConformanceFact]
    public async Task Of_who_has_no_sums_no_day_is_looked_at()
    {
        await Pay("p1", day: 1, 100, agent: "a1", service: "s1");
        var began = Stopwatch.GetTimestamp();

        for (var i = 0; i < 100; i++) Assert.Equal(default(DaySums), await Journal.Sums(new(Summed, "unknown", null, null, 0, 2_932_897), None));

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"It took {Stopwatch.GetElapsedTime(began)}.");
    }

    [ConformanceFact]
    public async Task Sums_stay_exact_when_rows_come_again_change_or_are_rebuilt_in_any_order()
    {
        OwnedUpsert paid = new("s/1", 1, Payment("default", "p1", 1, 100, "a1", "s1", "c1")), back = new("p/1", 1, new(Refunded, ["default", "p1", 30L, 1L]));
        foreach (var (order, settle) in new (OwnedUpsert[], Func<Task>)[] { ([paid, back], Later), ([back, paid], Later), ([paid, back], AddSums), ([back, paid], AddSums) })
        {
            foreach (var row in order) await Journal.Write([row], None);
            await settle();
            await Journal.Write([paid], None);
            await Journal.Write([back], None);
            await Journal.Write([new("p/1", 2, new(Refunded, ["default", "p1", 50L, 2L]))], None);
            await settle();
            foreach (var (column, value) in new[] { (null, null), ("agent_id", "a1"), ("campaign_id", "c1"), ("service_id", "s1"), ("provider", "w1"), ("user_id", "u1") })
            {
                Assert.Equal(new(1, 100, 50), await Sums(column, value));
            }

            await Journal.Write([new("s/1", 2, Payment("default", "p1", 2, 150, "a2", "s1", null))], None);
            await settle();
            Assert.Equal(new(1, 150, 50), await Sums("agent_id", "a2", 2, 3));
            Assert.Equal(default(DaySums), await Sums("agent_id", "a1"));
            Assert.Equal(default(DaySums), await Sums("campaign_id", "c1"));
            await Journal.Clear([Refunded], None);
            await settle();
            Assert.Equal(new(1, 150, 0), await Sums(null, null));
            await Journal.Clear([Payments], None);
            await settle();
            Assert.Equal(default(DaySums), await Sums(null, null));
        }

        static Task Later() => Task.CompletedTask;
    }

    /// <summary>Does now what the store does later, of its own: what waits to be added to sums is.</summary>
    protected virtual Task AddSums() => Task.CompletedTask;

    [ConformanceFact]
    public async Task What_nobody_sums_is_added_up_to_a_bound_and_then_said_to_be_unknown()
    {
        for (var n = 0; n < DaysQuery.AddedUpTo; n += 1_000)
        {
            await Journal.Write([.. Enumerable.Range(n, 1_000).Select(i => new OwnedUpsert($"s/{i}", 1, Payment("default", $"p{i}", 1, 1, "a1", "s1", "c1")))], None);
        }

        Assert.Equal(new(DaysQuery.AddedUpTo, DaysQuery.AddedUpTo, 0), await Sums("session_id", "session"));
        await Pay(null, 1, 1, "a1", "s1"); // what failed is looked at too
        Assert.Null(await Sums("session_id", "session"));
        await Pay("one more", 1, 1, "a1", "s1");
        Assert.Null(await Sums("session_id", "session"));
        Assert.Equal(new(DaysQuery.AddedUpTo + 1, DaysQuery.AddedUpTo + 1, 0), await Sums("user_id", "u1"));
    }

    private Task<DaySums?> Sums(string? column, string? value, long from = 0, long to = 10) => Journal.Sums(new(Summed, "default", column, value, from, to), None);

    private Task<IReadOnlyList<ActiveDay>> Active(string column, long from, long to, int within) => Journal.Active(new(Summed, "default", column, from, to, within), None);

    private Task Pay(string? id, long day, long amount, string agent, string service, string? campaign = "c1") =>
        Journal.Write([new($"s/{id}", 1, Payment("default", id, day, amount, agent, service, campaign))], None);

    private static TableUpsert Payment(string tenant, string? id, long day, long amount, string agent, string service, string? campaign) => new(Payments, [
        tenant, $"run {id}", "session", "u1", agent, service, campaign, id is null ? "failed" : "succeeded", amount, id, (day * Day) + 5, (day * Day) + 6, "run_service", "POST /run", "", 200L, 0L, "w1"]);
}
