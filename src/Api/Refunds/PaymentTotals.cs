using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Api.Refunds;

/// <summary>Count, amount and what was given back of payments, over whole UTC days of their end: of all, or of one user, session, agent, campaign, service or provider.</summary>
internal static class PaymentTotals
{
    /// <summary>A session's payments are few and are added up, as far as <see cref="DaysQuery.AddedUpTo"/>.</summary>
    public static readonly SummedTable Summed = new(
        TableShapes.Of(RunTables.Runs),
        "payment_id",
        "settled_at",
        "amount_micros",
        TableShapes.Of(RefundTables.Refunded),
        "refunded_micros",
        ["user_id", "agent_id", "campaign_id", "service_id"],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["provider"] = "service_id" });

    /// <param name="from">Midnight UTC, included; null: from the first payment on.</param>
    /// <param name="to">Midnight UTC, excluded; null: all that follow.</param>
    /// <param name="column">Of the runs' table; null: all payments of the tenant.</param>
    /// <returns>Null: there are too many to add up.</returns>
    public static Task<DaySums?> Of(ITables tables, Tenant tenant, DateTimeOffset? from, DateTimeOffset? to, string? column, string? value, CancellationToken cancel) =>
        tables.Sums(new(Summed, tenant.Name, column, value, from is { } first ? DayOf(first) : 0, to is { } end ? DayOf(end) : DayOf(DateTimeOffset.MaxValue)), cancel);

    /// <summary>Columns that sums are kept by: nothing has to be added up for them.</summary>
    public static IEnumerable<string> Kept => [.. Summed.Kept, .. Summed.Parts.Keys];

    /// <summary>Day by day, of all payments or of what a column of <see cref="Kept"/> says.</summary>
    /// <param name="from">Midnight UTC, included.</param>
    /// <param name="last">Midnight UTC, included.</param>
    /// <param name="of">Null: of all.</param>
    public static async IAsyncEnumerable<(DateTimeOffset Day, DaySums Sums)> ByDay(ITables tables, Tenant tenant, DateTimeOffset from, DateTimeOffset last, (string Column, string Value)? of, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var day = from; day <= last; day = day.AddDays(1))
        {
            yield return (day, (await Of(tables, tenant, day, day.AddDays(1), of?.Column, of?.Value, cancel))!.Value); // they are always kept
        }
    }

    /// <summary>Whether totals can begin or end here.</summary>
    public static bool IsDay(DateTimeOffset at) => at.ToMicros() % DaysQuery.DayMicros == 0;

    /// <summary>Days since the Unix epoch, UTC.</summary>
    public static long DayOf(DateTimeOffset at) => at.ToMicros() / DaysQuery.DayMicros;
}
