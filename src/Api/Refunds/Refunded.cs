using Agora.Application.Reading;
using Agora.Core.Refunds;
using Agora.Journal;

namespace Agora.Api.Refunds;

/// <summary>What was given back of payments: beside their runs' rows, for those are another stream's.</summary>
internal static class Refunded
{
    /// <summary>By payment, of those of which something was given back.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> Of(TenantTables tables, IReadOnlyList<NamedRow> runs, CancellationToken cancel)
    {
        string[] payments = [.. runs.Where(run => run.Number("amount_micros") > 0).Select(run => run.OptionalText("payment_id")).OfType<string>()];
        if (payments.Length == 0) return new Dictionary<string, long>();

        var refunded = await tables.First(RefundTables.Refunded, [], [new("payment_id", Comparison.AnyOf, payments)], payments.Length, cancel);
        return refunded.ToDictionary(row => row.Text("payment_id"), row => row.Number("refunded_micros"), StringComparer.Ordinal);
    }

    /// <param name="run">A row of the runs' table.</param>
    public static async Task<long> Of(TenantTables tables, NamedRow run, CancellationToken cancel) =>
        run.OptionalText("payment_id") is { } paymentId && run.Number("amount_micros") > 0
            && await tables.One(RefundTables.Refunded, cancel, TableReader.Is("payment_id", paymentId)) is { } refunded
            ? refunded.Number("refunded_micros")
            : 0;
}
