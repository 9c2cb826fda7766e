using Agora.Api.Http;
using Agora.Core.Refunds;

namespace Agora.Api.Refunds;

/// <summary>What was given back of payments: beside their runs' rows, for those are another stream's.</summary>
internal static class Refunded
{
    /// <param name="run">A row of the runs' table.</param>
    public static async Task<long> Of(TenantTables tables, NamedRow run, CancellationToken cancel) =>
        run.OptionalText("payment_id") is { } paymentId && run.Number("amount_micros") > 0
            && await tables.One(RefundTables.Refunded, cancel, TableReader.Is("payment_id", paymentId)) is { } refunded
            ? refunded.Number("refunded_micros")
            : 0;
}
