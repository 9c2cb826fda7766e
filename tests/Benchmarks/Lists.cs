using System.Diagnostics;
using Agora.Api.Admin.Refusals;
using Agora.Api.Admin.Runs;
using Agora.Api.Refunds;
using Agora.Api.Sessions;
using Agora.Application.Reading;
using Agora.Benchmarks.Filled;
using Agora.Benchmarks.Results;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;
using Agora.Web.Lists;

namespace Agora.Benchmarks;

/// <summary>
/// Pages of lists out of many rows, as operators ask for them: of payments the first, one deep in the middle, each filter, a day, what failed, and totals by the day; searches; of the audit and of refusals likewise.
/// Each is asked many times, for another value each time.
/// </summary>
internal static class Lists
{
    private const int PageSize = 51;
    private const int MostCalls = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const string Empty = "of which there is nothing";

    public static async Task<Measures> Run(Options options)
    {
        var (rows, times, stores) = (options.Number("rows", 100_000), options.Number("times", 200), options.Text("store", "both"));
        return Measures.Of(
        [
            .. stores is "sqlite" or "both" ? await OfSqlite(rows, times, options.Text("file", "")) : [],
            .. stores is "postgres" or "both" ? await OfPostgres(rows, times) : [],
        ]);
    }

    /// <param name="file">One that is there was filled by an earlier call; empty: none.</param>
    public static async Task<IReadOnlyList<(string What, string Value, string Goal)>> OfSqlite(int rows, int times, string file)
    {
        using var directory = new ScratchDirectory();
        var path = file.Length > 0 ? file : Path.Combine(directory.Path, "lists.db");
        var filled = Stopwatch.GetTimestamp();
        if (!File.Exists(path))
        {
            await FilledSqlite.Make(path, rows);
        }

        var took = Stopwatch.GetElapsedTime(filled);
        await using var journal = SqliteJournal.Open(new() { Path = path });
        await Fill(journal, rows);
        return await Measure("SQLite", journal, rows, took, times);
    }

    public static async Task<IReadOnlyList<(string What, string Value, string Goal)>> OfPostgres(int rows, int times)
    {
        using var server = PostgresServer.Start(settings: "-c shared_buffers=512MB -c max_wal_size=4GB");
        var database = server.CreateDatabase("lists");
        var filled = Stopwatch.GetTimestamp();
        await FilledPostgres.Make(database, rows);
        var took = Stopwatch.GetElapsedTime(filled);
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = database });
        await Fill(journal, rows);
        await FilledPostgres.Settle(database);
        return await Measure("PostgreSQL", journal, rows, took, times);
    }

    /// <summary>What is beside the payments.</summary>
    private static async Task Fill(IJournal journal, int rows)
    {
        await FilledOnce.Make(journal, AuditRows.Table, Math.Min(rows, MostCalls), AuditRows.Of);
        await FilledOnce.Make(journal, RefusedRuns.Table, Math.Min(rows, MostCalls), RefusedRuns.Of);
    }

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(string store, IJournal journal, int rows, TimeSpan took, int times)
    {
        var paid = new Condition("state", Comparison.Equal, "succeeded");
        using var reader = new TableReader(journal);
        var (own, payments, refusals) = (reader.In(Tenant.Default), new ListSource<NamedRow>(RunFilters.Rows, row => row, ""), new ListSource<NamedRow>(RefusalAdminEndpoints.Rows, row => row, ""));
        var lines = new List<(string, string, string)> { ($"{store}: {Report.Of(rows)} payments, filled at", $"{Report.Of(rows / took.TotalSeconds)}/s", "") };
        await Page("first page", null, _ => [paid]);
        await Page("page deep in the middle", turn => [At(turn), "f"], _ => [paid]);
        await Page("from a day to the next", null, turn => [paid, new("settled_at", Comparison.AtLeast, At(turn)), new("settled_at", Comparison.LessThan, At(turn) + DaysQuery.DayMicros)]);
        foreach (var (column, value) in Filters) await Page($"of {Noun(column)}", null, turn => [paid, new(column, Comparison.Equal, value((int)(turn * 7919L % rows)))]);
        foreach (var (column, value) in Filters) await Page($"of {Noun(column)}, deep", turn => [At(turn), "f"], turn => [paid, new(column, Comparison.Equal, value((int)(turn * 7919L % rows)))]);
        foreach (var (what, narrow) in Narrowed(rows)) await Page(what, null, turn => [paid, .. narrow((int)(turn * 7919L % rows))]);
        await Page($"what failed, {Empty}", null, _ => [new("failure_code", Comparison.NotEqual, null)]);
        await Time("count up to 1,000", _ => payments.Read(own, [paid], new(null, PageSize, Limits.Counted + 1, Limits.LookedAt), default));
        await Time("totals of all", _ => PaymentTotals.Of(journal, Tenant.Default, null, null, null, null, default));
        foreach (var (column, value) in Filters) await Time($"totals of {Noun(column)}", turn => PaymentTotals.Of(journal, Tenant.Default, null, null, column, value((int)(turn * 7919L % rows)), default));
        using var searches = new Searches(journal, own, rows);
        await searches.Fill();
        foreach (var (what, find) in searches.All) await Time($"search {what}", turn => find((int)(turn * 7919L % rows)));
        var audit = new ListSource<NamedRow>(AuditTables.All, row => row, "");
        await Audit("first page", null, _ => []);
        await Audit("page deep in the middle", turn => [At(turn), "f"], _ => []);
        foreach (var (what, column, value) in AuditFilters) await Audit($"{what}, deep", turn => [At(turn), "f"], turn => [new(column, Comparison.Equal, value((int)(turn * 7919L % rows)))]);
        await Audit("an agent for its user", null, turn => [new("agent_id", Comparison.Equal, PaymentRows.Agent((int)(turn * 7919L % rows))), new("user_id", Comparison.Equal, PaymentRows.User((int)(turn * 7919L % rows)))]);
        await Time("audit: count up to 1,000", _ => audit.Read(own, [], new(null, PageSize, Limits.Counted + 1, Limits.LookedAt), default));
        await Refused("first page", _ => []);
        foreach (var (what, column, value) in RefusalFilters) await Refused(what, turn => [new(column, Comparison.Equal, value((int)(turn * 7919L % rows)))]);
        await Refused("from an amount on, of which there is nothing", _ => [new("asked_micros", Comparison.AtLeast, 250_001L)]);
        return lines;

        Task Refused(string what, Func<int, Condition[]> where) => Time(
            $"refusals: {what}",
            turn => refusals.Read(own, where(turn), new(null, PageSize, 0, Limits.LookedAt), default));

        Task Audit(string what, Func<int, object[]>? after, Func<int, Condition[]> where) =>
            Time($"audit: {what}", turn => audit.Read(own, where(turn), new(after?.Invoke(turn), PageSize, 0, Limits.LookedAt), default));

        long At(int turn) => PaymentRows.At((int)(turn * 7919L % rows)).ToMicros();

        Task Page(string what, Func<int, object[]>? after, Func<int, Condition[]> where) =>
            Time(what, async turn =>
            {
                var page = await payments.Read(own, where(turn), new(after?.Invoke(turn), PageSize, 0, Limits.LookedAt), default);
                if (page.Rows.Count == 0 && page.To is null && after is null && !what.EndsWith(Empty, StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"{what}: nothing was found.");
                }
            });

        async Task Time(string what, Func<int, Task> ask)
        {
            var (ticks, began) = (new List<long>(), Stopwatch.GetTimestamp());
            for (var turn = 0; turn < times && Stopwatch.GetElapsedTime(began) < Patience; turn++)
            {
                var started = Stopwatch.GetTimestamp();
                await ask(turn);
                ticks.Add(Stopwatch.GetTimestamp() - started);
            }

            lines.Add(($"  {what}: p50", Report.Milliseconds(Report.Percentile([.. ticks], 0.5)), ""));
            lines.Add(($"  {what}: p95", Report.Milliseconds(Report.Percentile([.. ticks], 0.95)), "goal < 20 ms"));
        }
    }

    private static readonly (string Column, Func<int, string> Value)[] Filters =
    [
        ("user_id", PaymentRows.User), ("agent_id", PaymentRows.Agent), ("campaign_id", PaymentRows.Campaign), ("service_id", PaymentRows.Service), ("provider", PaymentRows.Provider),
        ("session_id", PaymentRows.Session),
    ];

    private static readonly (string What, string Column, Func<int, object> Value)[] AuditFilters =
    [
        ("of a user", "user_id", PaymentRows.User), ("of an agent", "agent_id", PaymentRows.Agent), ("of a session", "session_id", PaymentRows.Session),
        ("a read", "operation", AuditRows.Operation), ("runs", "operation", _ => "run_service"), ("transfers, of which is none", "operation", _ => "transfer"), ("what is none", "operation", _ => "end_session"),
        ("answered 200", "response_status", _ => 200L), ("refused", "response_status", _ => 403L), ("502, of which is none", "response_status", _ => 502L),
    ];

    private static readonly (string What, string Column, Func<int, object> Value)[] RefusalFilters =
    [
        ("of a user", "user_id", PaymentRows.User), ("of an agent", "agent_id", PaymentRows.Agent), ("of a session", "session_id", PaymentRows.Session), ("of a campaign", "campaign_id", RefusedRuns.Campaign),
        ("of a service", "service_id", PaymentRows.Service), ("of a code", "code", RefusedRuns.Code), ("of a code that is rare", "code", _ => Codes.PaymentRequired), ("of a code that none has", "code", _ => Codes.NotEligible),
    ];

    private static (string What, Func<int, Condition[]> Where)[] Narrowed(int rows) =>
    [
        ("of a payer", n => [new("payer", Comparison.Equal, PaymentRows.Payer(n))]),
        ("of a payer by x402", n => [new("payer", Comparison.Equal, PaymentRows.Payer(Rare(n, 7)))]),
        ("by x402", _ => [new("source", Comparison.Equal, "x402")]),
        ("of one amount", n => [new("amount_micros", Comparison.Equal, PaymentRows.Amount(n))]),
        ("of one rare amount", n => [new("amount_micros", Comparison.Equal, PaymentRows.Amount(Rare(n, PaymentRows.Rare - 1)))]),
        ("of some user's service", n => [new("user_id", Comparison.Equal, PaymentRows.User(n)), new("service_id", Comparison.Equal, PaymentRows.Service(n))]),
        ("of an agent from an amount on", n => [new("agent_id", Comparison.Equal, PaymentRows.Agent(Rare(n, PaymentRows.Rare - 1))), new("amount_micros", Comparison.AtLeast, 10_000_000L)]),
        ("from an amount on that one in a thousand has", _ => [new("amount_micros", Comparison.AtLeast, 10_000_000L)]),
        ($"from an amount on, {Empty}", _ => [new("amount_micros", Comparison.AtLeast, 10_000_000L + rows)]),
    ];

    private static int Rare(int n, int rest) => (n / PaymentRows.Rare * PaymentRows.Rare) + rest;

    private static string Noun(string column) => (column[0] is 'a' ? "an " : "a ") + column.Replace("_id", "", StringComparison.Ordinal);
}
